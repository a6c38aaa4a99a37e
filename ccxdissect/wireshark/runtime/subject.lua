-- The subject of a message: which agent, call, device, state and failure it is about, by the marks of its fields.

-- What the message at hand says by slot, and the fields that say it; kept out of the functions, since this runs for every
-- line of the packet list.
local values, rows = {}, {}
local collect, concern

do

-- Marks that a message may say something by, the first value of each; all of the parties are kept.
local SLOTS = {
    "AGENT", "EXTENSION", "INSTRUMENT", "CALL", "OTHER_CALL", "NEW_CALL", "CONNECTION_DEVICE", "CALLING", "CALLED",
    "ACTING", "PARTY", "QUEUE", "AGENT_STATE", "REASON", "FAILURE", "FAILURE_DETAIL", "FAILURE_TEXT", "STATUS",
    "VERSION", "CLIENT_NAME", "WATCHED", "MONITOR",
}
-- What a repeated record says of the message as a whole; its other fields list things that the message is not about.
local OF_RECORDS = words("NEW_CALL QUEUE PARTY")
-- Where nought is no call.
local NEVER_ZERO = words("OTHER_CALL NEW_CALL")

for _, row in ipairs(ROWS) do
    if not row.reserved and not row.secret then
        for _, slot in ipairs(SLOTS) do
            if row.marks[slot] then
                row.slots = row.slots or {}
                row.slots[#row.slots + 1] = slot
            end
        end
        row.nothing = row.codes and NOTHING[row.codes] or {}
    end
    -- "AlertingDeviceID" -> "alerting"
    if row.marks.ACTING then row.verb = row.field:gsub("_?device.*$", ""):gsub("_", " ") end
end

for _, message in pairs(MESSAGES) do
    message.slots = {}
    for _, layout in ipairs(message.layouts) do
        layout.told = {}
        for position, row in ipairs(layout.fields) do
            if row.slots then
                local start = layout.offsets[position]
                layout.told[#layout.told + 1] = {
                    position = position, row = row, start = start, stop = start + row.size, signed = row.signed,
                    nothing = row.nothing, slots = row.slots,
                }
            end
        end
    end
end

-- The slots that a floating field of a message fills; false when there are none.
local function slots_of(message, tag)
    local row, found = row_of(message, tag), false
    if not row then return false end
    for _, slot in ipairs(row.slots or {}) do
        if not message.repeated_tags[tag] or OF_RECORDS[slot] then
            found = found or {row = row, text = row.reading == "text", int = row.reading == "int"}
            found[#found + 1] = slot
        end
    end
    message.slots[tag] = found
    return found
end

for _, message in pairs(MESSAGES) do
    for tag, look in pairs(message.looks) do look.tells = slots_of(message, tag) ~= false end
end

local parties

-- The slots that are filled, to empty them for the next message: new tables would take longer.
local noted, noted_count = {}, 0

local function note(slots, row, value)
    for at = 1, #slots do
        local slot = slots[at]
        if slot == "PARTY" then
            parties = parties or {}
            parties[#parties + 1] = value
        elseif values[slot] == nil and (value ~= 0 or not NEVER_ZERO[slot]) then
            noted_count = noted_count + 1
            noted[noted_count] = slot
            values[slot], rows[slot] = value, row
        end
    end
end

-- Note a floating field's value in the slots that it fills.
local function note_field(slots, body, start, stop)
    local row, value = slots.row, nil
    if slots.text then
        value = text_of(body, start, stop)
    elseif slots.int and stop > start and stop - start <= 8 then
        -- Nothing has a larger number; the tree shows it nevertheless.
        value = is_usual(body, start, stop) and integer(body, start, stop, row.signed)
    end
    if value and value ~= "" then note(slots, row, value) end
end

function collect(decoded, body)
    for n = 1, noted_count do
        local slot = noted[n]
        values[slot], rows[slot] = nil, nil
    end
    noted_count, parties = 0, nil
    local message, told, whole = decoded.message, decoded.layout.told, decoded.whole
    for n = 1, #told do
        local one = told[n]
        if one.position <= whole then
            local value = integer(body, one.start, one.stop, one.signed)
            if not one.nothing[value] then note(one.slots, one.row, value) end
        end
    end
    local spans, known, telling = decoded.spans, message.slots, decoded.telling
    if telling then
        for at = 1, decoded.told do
            local n = telling[at]
            note_field(known[spans[n]], body, spans[n + 1], spans[n + 2])
        end
        return
    end
    for n = 1, #spans, 3 do
        local slots = known[spans[n]]
        if slots == nil then slots = slots_of(message, spans[n]) end
        if slots then note_field(slots, body, spans[n + 1], spans[n + 2]) end
    end
end

-- What the message at hand concerns, as one text: "c" and a call, "a" and an agent, "d" and a device, between NULs.
function concern()
    local found, seen = {}, {}
    local function add_one(kind, value)
        if value == nil then return end
        local said = kind .. (type(value) == "number" and format("%d", value) or value)
        if not seen[said] then
            seen[said] = true
            found[#found + 1] = said
        end
    end
    add_one("c", values.CALL)
    add_one("c", values.OTHER_CALL)
    add_one("c", values.NEW_CALL)
    add_one("a", values.AGENT)
    add_one("d", values.ACTING)
    add_one("d", values.CONNECTION_DEVICE)
    add_one("d", values.CALLING)
    add_one("d", values.CALLED)
    for _, party in ipairs(parties or {}) do add_one("d", party) end
    add_one("d", values.EXTENSION)
    add_one("d", values.INSTRUMENT)
    return concat(found, "\0")
end

end
