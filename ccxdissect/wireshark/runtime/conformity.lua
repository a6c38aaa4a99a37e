-- Conformity: what a careful reader of the guide would object to in a message that decodes.

local deviations

do

-- What the message at hand is found to do; one list at a time, since this runs for every message that is shown.
local found

local function object(kind, text)
    found = found or {}
    found[#found + 1] = {kind = kind, text = text}
end

-- The number in the first of some fields that is called so, and its digits.
local function first_value(row_name, message, spans, fields, body)
    for _, n in ipairs(fields) do
        local row = row_of(message, spans[n])
        local start, stop = spans[n + 1], spans[n + 2]
        if row and row.name == row_name then
            if row.reading == "int" and stop > start and stop - start <= 8 then
                local number = is_usual(body, start, stop) and integer(body, start, stop, row.signed) or math.huge
                return number, decimal(body, start, stop, row.signed)
            end
            return nil
        end
    end
    return nil
end

local function records_held(repeated, fields, spans)
    local counts, most = {}, 0
    for _, n in ipairs(fields) do counts[spans[n]] = (counts[spans[n]] or 0) + 1 end
    if repeated.opener then return counts[repeated.opener] or 0 end
    for _, tag in ipairs(repeated.tags) do most = math.max(most, counts[tag] or 0) end
    return most
end

local function compare_count(repeated, said, digits, held)
    if said ~= held then
        object("count_disagrees", format("%s says %s, the message has %d", repeated.count, digits, held))
    end
    if repeated.most and said > repeated.most then
        object("count_too_large", format("%s says %s, at most %d are allowed", repeated.count, digits, repeated.most))
    end
end

local function check_counts(decoded, body)
    local message, layout, spans, fields = decoded.message, decoded.layout, decoded.spans, {}
    for n = 1, #spans, 3 do fields[#fields + 1] = n end
    for _, repeated in ipairs(message.repeats) do
        local said, digits
        for position = 1, decoded.whole do
            local row, start = layout.fields[position], layout.offsets[position]
            if row.name == repeated.count and row.reading == "int" then
                said = integer(body, start, start + row.size, row.signed)
                digits = format("%d", said)
            end
        end
        if not said then said, digits = first_value(repeated.count, message, spans, fields, body) end
        if said then compare_count(repeated, said, digits, records_held(repeated, fields, spans)) end
        for _, inner in ipairs(repeated.inner or {}) do
            for _, record in ipairs(open_records(repeated, fields, spans)) do
                local held, in_digits = first_value(inner.count, message, spans, record, body)
                if held then compare_count(inner, held, in_digits, records_held(inner, record, spans)) end
            end
        end
    end
end

-- What the reserved slots of each layout should hold: {position, bytes} of every slot, and {first byte, last byte, bytes}
-- of every run of slots that follow each other.
local function prepare_constants(layout)
    layout.constants, layout.runs = {}, {}
    local run
    for position, row in ipairs(layout.fields) do
        if row.reserved and row.constant then
            local bytes, rest = {}, row.constant
            for at = row.size, 1, -1 do
                bytes[at] = string.char(rest % 256)
                rest = math.floor(rest / 256)
            end
            local start, data = layout.offsets[position], concat(bytes)
            layout.constants[#layout.constants + 1] = {position, data}
            if run and run[2] == start then
                run[2], run[3] = start + row.size, run[3] .. data
            else
                run = {start, start + row.size, data}
                layout.runs[#layout.runs + 1] = run
            end
        end
    end
    -- Lua counts from 1.
    for _, one in ipairs(layout.runs) do one[1] = one[1] + 1 end
end

for _, message in pairs(MESSAGES) do
    for _, layout in ipairs(message.layouts) do prepare_constants(layout) end
end

-- Whether a message of which `settled` found nothing to object to has no deviation at all.
local function keeps_to_its_declaration(decoded, body)
    local message, layout = decoded.message, decoded.layout
    if decoded.version and message.since and decoded.version < message.since then return false end
    local counts, runs = layout.counts, layout.runs
    for n = 1, #counts do
        local position = counts[n]
        local start = layout.offsets[position]
        if integer(body, start, start + layout.fields[position].size) ~= 0 then return false end
    end
    for n = 1, #runs do
        local run = runs[n]
        if sub(body, run[1], run[2]) ~= run[3] then return false end
    end
    return true
end

local function check_reserved(decoded, body)
    local layout = decoded.layout
    for _, item in ipairs(layout.constants) do
        local position = item[1]
        if position > decoded.whole then return end
        local row, start = layout.fields[position], layout.offsets[position]
        local data = sub(body, start + 1, start + row.size)
        if data ~= item[2] then
            local held
            if row.reading == "int" then
                held = decimal(data, 0, row.size, row.signed)
            else
                held = "0x" .. data:gsub(".", function(c) return format("%02x", byte(c)) end)
            end
            object("reserved_slot_odd",
                format("reserved slot %s holds %s, it should hold %d", row.name, held, row.constant))
        end
    end
end

local function check_fields(decoded, body)
    local message, spans, version = decoded.message, decoded.spans, decoded.version
    for n = 1, #spans, 3 do
        local tag, start, stop = spans[n], spans[n + 1], spans[n + 2]
        local row = row_of(message, tag)
        if row then
            if not message.own[tag] then
                object("field_not_listed", format("%s[%d] is not listed for %s", row.name, tag, message.name))
            end
            if row.reading ~= "int" and stop - start > row.most then
                object("field_too_long",
                    format("%s[%d] has %d bytes, at most %d are allowed", row.name, tag, stop - start, row.most))
            end
            if version and row.since and version < row.since then
                object("field_too_new",
                    format("%s[%d] exists from version %d on, the session has %d", row.name, tag, row.since, version))
            elseif version and row.last and version > row.last then
                object("field_withdrawn",
                    format("%s[%d] exists up to version %d, the session has %d", row.name, tag, row.last, version))
            end
            if row.reserved and row.constant and row.reading == "int" and stop > start and stop - start <= 8 then
                local value = integer(body, start, stop, row.signed)
                if value ~= row.constant then
                    object("reserved_slot_odd",
                        format("reserved field %s[%d] holds %s, it should hold %d",
                            row.name, tag, decimal(body, start, stop, row.signed), row.constant))
                end
            end
        end
    end
end

local function has_tag(spans, tag)
    for n = 1, #spans, 3 do
        if spans[n] == tag then return true end
    end
    return false
end

local function check_presence(decoded)
    local message, spans = decoded.message, decoded.spans
    if message.required then
        for _, number in ipairs(message.required) do
            local row = ROWS[number]
            if not has_tag(spans, row.tag) then
                object("field_missing", format("required field %s[%d] is missing", row.name, row.tag))
            end
        end
    end
    if message.one_of then
        local names = {}
        for position, tag in ipairs(message.one_of) do
            if has_tag(spans, tag) then return end
            names[position] = format("%s[%d]", message.own[tag].name, tag)
        end
        object("field_missing", format("at least one of %s has to be there", concat(names, ", ")))
    end
end

-- Every deviation of one message, as a list of {kind, text}; nil when there is none.
function deviations(decoded, body)
    local message = decoded.message
    found = nil
    if not message or decoded.clean and keeps_to_its_declaration(decoded, body) then return nil end
    if decoded.version and message.since and decoded.version < message.since then
        object("message_too_new", format("%s exists from version %d on, the session has %d",
            message.name, message.since, decoded.version))
    end
    if message.required or message.one_of then check_presence(decoded) end
    if decoded.spans[1] then check_fields(decoded, body) end
    if message.repeats then check_counts(decoded, body) end
    check_reserved(decoded, body)
    return found
end

end
