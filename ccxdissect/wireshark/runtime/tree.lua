-- The tree: what Wireshark shows and filters. When nobody looks, only what a filter or a column asks for is added.

-- The methods of tree items and of what they show: finding one by its name takes as long as calling it, so that is done
-- once.
local add, append_text, set_generated, set_hidden, referenced
local reported_of, raw
local learn_methods, forget_what_is_asked, is_visible, remarks_on, grow

do

local MASK = PROTOCOL.mask

function learn_methods(tvb, tree)
    reported_of, raw = tvb.reported_len, tvb.raw
    add, append_text, set_generated, referenced = tree.add, tree.append_text, tree.set_generated, tree.referenced
    set_hidden = tree.set_hidden
end

-- Which filter fields are asked for, as far as that is known; the only ones, where others cannot be; and those that the
-- command names (false: any), once that was looked at.
local asked_for, only, on_command_line = {}, nil, nil

function forget_what_is_asked() asked_for, only = {}, preference.only end

-- Whether a reader sees the tree; else each item has to be asked for. Not every version has `visible`, but in a
-- visible tree every field counts as asked for, and nobody's filter names these two together.
function is_visible(tree)
    if only then return false end
    if not (referenced(tree, OWN.odd_value) and referenced(tree, OWN.unknown_field)) then return false end
    if on_command_line == nil then
        local names = named_on_command_line()
        on_command_line = names and (fields_called(names) or {}) or false
    end
    only = on_command_line or nil
    return not only
end

local function wants(root, field)
    local asked = asked_for[field]
    if asked == nil then
        if only then asked = only[field] or false else asked = referenced(root, field) end
        asked_for[field] = asked
    end
    return asked
end

-- Whether a row's filter field is asked for, or any of those that stand below it.
local function wants_row(root, row)
    local asked = asked_for[row]
    if asked ~= nil then return asked end
    asked = wants(root, row.pf)
    if row.flags then
        for _, flag in ipairs(row.flags.bits) do asked = asked or wants(root, flag.pf) end
    end
    if row.appended then asked = asked or wants(root, OWN.label) end
    if row.reading == "int" then asked = asked or wants(root, OWN.odd_value) end
    if row.named then
        for _, part in ipairs({"_name", "_value", "_index"}) do
            local field = FIELD[row.field .. part]
            asked = asked or field and wants(root, field)
        end
    end
    asked_for[row] = asked or false
    return asked_for[row]
end

-- The positions of a layout's fields that are asked for.
local function wanted_of(root, layout)
    local wanted = asked_for[layout]
    if not wanted then
        wanted = {}
        for position, row in ipairs(layout.fields) do
            if wants_row(root, row) then wanted[#wanted + 1] = position end
        end
        asked_for[layout] = wanted
    end
    return wanted
end

local function add_flags(item, row, range)
    for _, flag in ipairs(row.flags.bits) do add(item, flag.pf, range) end
end

local function add_label(item, row, range, body, start, stop)
    local high
    if row.flags and stop - start > 4 then start, high = stop - 4, integer(body, start, stop - 4) end
    local label = label_of(row, integer(body, start, stop, row.signed), high)
    if not label then return end
    append_text(item, " (" .. label .. ")")
    if not row.flags then set_generated(add(item, OWN.label, range, label)) end
end

-- An integer in the bytes from start up to stop; range is where they are shown.
local function add_integer(parent, row, range, body, start, stop)
    local item
    local size = stop - start
    if size == 0 or size > row.widest then
        item = add(parent, OWN.odd_value, range)
        item:set_text(format("%s: %s", row.name, size == 0 and "empty" or tostring(range:bytes())))
        return item
    end
    if row.native then
        item = add(parent, row.pf, range)
    elseif row.time then
        local seconds = integer(body, start, stop)
        item = add(parent, row.pf, range, NSTime.new(seconds, 0))
        if seconds == 0 then item:set_text(row.name .. ": none (0)") end
    else
        local value = integer(body, start, stop, row.signed)
        item = add(parent, row.pf, range, Int64.new(value % 0x100000000, math.floor(value / 0x100000000)))
    end
    if row.flags then add_flags(item, row, range) end
    if row.appended then add_label(item, row, range, body, start, stop) end
    return item
end

local function add_pair(parent, row, tvb, body, start, stop)
    local index, from = nil, start
    if row.reading == "array" and stop > start then
        index, from = byte(body, start + 1), start + 1
    end
    local name, value = pair_of(body, from, stop)
    local range = tvb(start + HEADER, stop - start)
    local shown = index and format("%s[%d] = %s", name, index, value) or name .. " = " .. value
    local item = add(parent, row.pf, range, shown)
    local nul = find(body, "\0", from + 1, true)
    local split = nul and nul <= stop and nul or stop
    if index then add(item, FIELD[row.field .. "_index"], tvb(start + HEADER, 1)) end
    add(item, FIELD[row.field .. "_name"], tvb(from + HEADER, split - from), name)
    add(item, FIELD[row.field .. "_value"], tvb(split + HEADER, stop - split), value)
    return item
end

local function add_value(parent, row, tvb, body, start, stop)
    local reading = row.reading
    if reading == "int" then
        return add_integer(parent, row, tvb(start + HEADER, stop - start), body, start, stop)
    end
    if row.named then return add_pair(parent, row, tvb, body, start, stop) end
    local range = tvb(start + HEADER, stop - start)
    if row.secret and not preference.show_secrets then
        if reading == "text" then return add(parent, row.pf, range, MASK) end
        return add(parent, OWN.label, range, MASK)
    end
    if reading == "text" then return add(parent, row.pf, range, text_of(body, start, stop)) end
    return add(parent, row.pf, range)
end

-- A reserved slot is there for filters, and seen by those who ask for it.
local function set_reserved(item)
    if preference.show_reserved then
        append_text(item, " [reserved]")
    else
        set_hidden(item)
    end
end

local function add_slot(root, tvb, body, row, start, visible)
    local item
    if row.native and not row.nested then
        item = add(root, row.pf, tvb(start + HEADER, row.size))
    else
        item = add_value(root, row, tvb, body, start, start + row.size)
    end
    if visible and row.reserved then set_reserved(item) end
end

local function add_fixed(root, tvb, decoded, body, visible)
    local layout = decoded.layout
    local fields, offsets, whole = layout.fields, layout.offsets, decoded.whole
    if visible then
        for position = 1, whole do add_slot(root, tvb, body, fields[position], offsets[position], true) end
        return
    end
    local wanted = wanted_of(root, layout)
    for n = 1, #wanted do
        local position = wanted[n]
        if position <= whole then add_slot(root, tvb, body, fields[position], offsets[position], false) end
    end
end

-- One floating field; within one more item that has its tag and length too when they are wanted, or when they are all
-- that is known.
local function add_field(parent, tvb, decoded, body, n, visible)
    local spans = decoded.spans
    local tag, start, stop = spans[n], spans[n + 1], spans[n + 2]
    local row = row_of(decoded.message, tag)
    if preference.show_headers or not row then
        local form = decoded.form
        local size = stop - start
        parent = add(parent, OWN.field, tvb(start + HEADER - form.header, form.header + size))
        parent:set_text(format("%s, tag %d, %d byte%s", row and row.name or format("UNKNOWN_%d", tag), tag, size,
            size == 1 and "" or "s"))
        add(parent, OWN.tag, tvb(start + HEADER - form.header, form.tag_size))
        add(parent, OWN.length, tvb(start + HEADER - form.length_size, form.length_size))
    end
    if not row then
        add(parent, OWN.unknown_field, tvb(start + HEADER, stop - start))
    elseif visible or wants_row(parent, row) then
        local item = add_value(parent, row, tvb, body, start, stop)
        if visible and row.reserved then set_reserved(item) end
    end
end

local function add_groups(parent, tvb, decoded, body, items, visible)
    local spans, header = decoded.spans, decoded.form.header
    for _, item in ipairs(items) do
        if type(item) == "number" then
            add_field(parent, tvb, decoded, body, item, visible)
        else
            local start, stop = spans[item.first + 1] - header, spans[item.last + 2]
            local group = add(parent, OWN.record, tvb(start + HEADER, stop - start), item.number)
            group:set_text(format("Record %d of %s", item.number, item.repeated.count))
            add_groups(group, tvb, decoded, body, item.items, visible)
        end
    end
end

local function add_generated(root, field, value, visible)
    if value and (visible or wants(root, field)) then set_generated(add(root, field, value)) end
end

-- A time in seconds as Wireshark keeps it.
local function span_of(seconds)
    local sign = seconds < 0 and -1 or 1
    local nanoseconds = math.floor(math.abs(seconds) * 1e9 + 0.5)
    return NSTime.new(sign * math.floor(nanoseconds / 1e9), sign * (nanoseconds % 1e9))
end

local function add_experts(root, problems)
    for _, problem in ipairs(problems) do
        root:add_proto_expert_info(EXPERT[problem.kind], problem.text)
    end
end

for _, message in pairs(MESSAGES) do
    message.failure = message.traits.FAILS or message.traits.REPORTS_FAILURE
end

-- Everything there is to say of a message beyond its fields, as a list of {kind, text}; nil when there is nothing.
-- `collect` has looked at the message.
function remarks_on(decoded, body, entry, visited)
    local remarks, message = deviations(decoded, body), decoded.message
    if decoded.problems then
        for _, deviation in ipairs(remarks or {}) do decoded.problems[#decoded.problems + 1] = deviation end
        remarks = decoded.problems
    end
    if not message then return remarks end
    if message.failure then
        remarks = remarks or {}
        remarks[#remarks + 1] = {kind = "failure", text = failure_text(message)}
    end
    if visited and entry and message.replies and not partner_of[entry] then
        remarks = remarks or {}
        remarks[#remarks + 1] = {kind = "unanswered", text = message.name .. " has no reply in this capture"}
    end
    return remarks
end

local KIND_OF = {c = OWN.call, a = OWN.agent, d = OWN.device}

-- Hidden fields for whatever the message concerns, and the request that it answers, or the call that it made: one name
-- finds them all.
local function add_concern(root, of_request, visible)
    if not (visible or wants(root, OWN.call) or wants(root, OWN.agent) or wants(root, OWN.device)) then return end
    local seen, all = {}, concern()
    if of_request then all = all .. "\0" .. of_request end
    for said in all:gmatch("%Z+") do
        local kind = sub(said, 1, 1)
        local field = KIND_OF[kind]
        if not seen[said] and (visible or wants(root, field)) then
            seen[said] = true
            local value = sub(said, 2)
            if kind == "c" then value = tonumber(value) end
            -- The filter field has no room for a larger call, and would take it for another.
            if kind ~= "c" or value >= 0 and value < 0x100000000 then
                local item = add(root, field, value)
                set_generated(item)
                set_hidden(item)
            end
        end
    end
end

local function add_links(root, entry, visible)
    local partner = entry and partner_of[entry]
    if not partner then return end
    if partner > entry then
        add_generated(root, OWN.response_in, frame_of[partner], visible)
    else
        add_generated(root, OWN.response_to, frame_of[partner], visible)
        if visible or wants(root, OWN.response_time) then
            set_generated(add(root, OWN.response_time, span_of(time_of[entry])))
        end
    end
end

local function add_ends(root, identity, visible)
    if not visible then
        if asked_for.ends == nil then
            asked_for.ends = wants(root, OWN.stream) or wants(root, OWN.client) or wants(root, OWN.server)
                or wants(root, OWN.client_name)
        end
        if not asked_for.ends then return end
    end
    add_generated(root, OWN.stream, identity.number, visible)
    add_generated(root, OWN.client, identity.client, visible)
    add_generated(root, OWN.server, identity.server, visible)
    add_generated(root, OWN.client_name, identity.client_name, visible)
end

-- One message. `given`: its type, body, state, entry, what is decoded of it, what it answers, its summary, remarks, and
-- whether the tree is seen.
function grow(tree, tvb, given)
    local visible = given.visible
    local decoded, body = given.decoded, given.body
    local message, form = decoded.message, decoded.form
    local root = add(tree, proto, tvb(), visible and PROTOCOL.title .. ", " .. given.line or PROTOCOL.title)
    if preference.whole_messages then add(root, OWN.message, tvb()) end
    if visible or wants(root, OWN.body_length) then add(root, OWN.body_length, tvb(0, 4)) end
    if visible or wants(root, OWN.message_type) then add(root, OWN.message_type, tvb(4, 4)) end
    if message then
        add_generated(root, OWN.version, decoded.version, visible)
        if #message.forms > 1 then add_generated(root, OWN.layout, decoded.layout.title, visible) end
        add_generated(root, OWN.floating_header, form and form.title, visible)
        add_fixed(root, tvb, decoded, body, visible)
        if form and message.repeats and (visible or wants(root, OWN.record)) then
            add_groups(root, tvb, decoded, body, grouped(decoded), visible)
        else
            local spans, own, every = decoded.spans, message.own, visible or preference.show_headers
            for n = 1, #spans, 3 do
                local row = own[spans[n]]
                if every or not row or asked_for[row] ~= false then add_field(root, tvb, decoded, body, n, visible) end
            end
        end
        add_concern(root, given.of_request, visible)
    end
    if decoded.reached < #body then
        add(root, OWN.undecoded, tvb(decoded.reached + HEADER, #body - decoded.reached))
    end
    add_links(root, given.entry, visible)
    add_ends(root, given.identity, visible)
    if given.remarks then add_experts(root, given.remarks) end
end

end
