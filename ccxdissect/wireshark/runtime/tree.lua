-- The tree: what Wireshark shows and filters. When nobody looks, only what a filter or a column asks for is added.

local HEADER = 8
local MASK = "***"

-- The methods of tree items: finding one by its name takes as long as calling it, so that is done once.
local add, append_text, set_generated, referenced

local function learn_methods(tree)
    add, append_text, set_generated, referenced = tree.add, tree.append_text, tree.set_generated, tree.referenced
end

-- Whether a reader sees the tree; else each item has to be asked for. Not every version has `visible`, but in a
-- visible tree every field counts as asked for, and nobody's filter names these two together.
local function is_visible(tree) return referenced(tree, OWN.odd_value) and referenced(tree, OWN.unknown_field) end

local function add_flags(item, row, range)
    for _, flag in ipairs(row.flags.bits) do add(item, flag.pf, range) end
end

local function add_label(item, row, value, range)
    local label = label_of(row, value)
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
    if row.appended then add_label(item, row, integer(body, start, stop, row.signed), range) end
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

local function add_fixed(root, tvb, decoded, body, visible)
    local layout = decoded.layout
    local fields, offsets = layout.fields, layout.offsets
    for position = 1, decoded.whole do
        local row, start = fields[position], offsets[position]
        if visible or row.nested or referenced(root, row.pf) then
            if row.native and not row.nested then
                add(root, row.pf, tvb(start + HEADER, row.size))
            else
                add_value(root, row, tvb, body, start, start + row.size)
            end
        end
    end
end

-- One floating field; its tag and length below it when they are wanted, or when they are all that is known.
local function add_field(parent, tvb, decoded, body, n, visible)
    local spans = decoded.spans
    local tag, start, stop = spans[n], spans[n + 1], spans[n + 2]
    local row = row_of(decoded.message, tag)
    local item
    if not row then
        item = add(parent, OWN.unknown_field, tvb(start + HEADER, stop - start))
        item:prepend_text(format("UNKNOWN_%d: ", tag))
    elseif visible or row.nested or stop == start or referenced(parent, row.pf) then
        item = add_value(parent, row, tvb, body, start, stop)
    else
        item = parent
    end
    if preference.show_headers or not row then
        local form = decoded.form
        add(item, OWN.tag, tvb(start + HEADER - form.header, form.tag_size))
        add(item, OWN.length, tvb(start + HEADER - form.length_size, form.length_size))
    end
end

local function add_groups(parent, tvb, decoded, body, items)
    local spans, header = decoded.spans, decoded.form.header
    for _, item in ipairs(items) do
        if type(item) == "number" then
            add_field(parent, tvb, decoded, body, item, true)
        else
            local start, stop = spans[item.first + 1] - header, spans[item.last + 2]
            local group = add(parent, OWN.record, tvb(start + HEADER, stop - start), item.number)
            group:set_text(format("Record %d of %s", item.number, item.repeated.count))
            add_groups(group, tvb, decoded, body, item.items)
        end
    end
end

local function add_generated(root, field, value, visible)
    if value and (visible or referenced(root, field)) then set_generated(add(root, field, value)) end
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
local function remarks_on(decoded, body, entry, visited)
    local remarks, message = deviations(decoded, body), decoded.message
    if decoded.problems then
        for _, deviation in ipairs(remarks or {}) do decoded.problems[#decoded.problems + 1] = deviation end
        remarks = decoded.problems
    end
    if not message then return remarks end
    if message.failure then
        remarks = remarks or {}
        remarks[#remarks + 1] = {kind = "failure", text = summary_of(message.number, decoded, body, {})}
    end
    if visited and message.replies and not entry.response_in then
        remarks = remarks or {}
        remarks[#remarks + 1] = {kind = "unanswered", text = message.name .. " has no reply in this capture"}
    end
    return remarks
end

-- One message. `number` is its type, `body` its body, `entry` what it is paired with, `remarks` its expert items.
local function grow(tree, tvb, number, decoded, body, entry, remarks)
    local visible = is_visible(tree)
    local message, form = decoded.message, decoded.form
    local root = add(tree, proto, tvb(), PROTOCOL.title .. ", " .. name_of(number))
    if preference.whole_messages then add(root, OWN.message, tvb()) end
    add(root, OWN.body_length, tvb(0, 4))
    add(root, OWN.message_type, tvb(4, 4))
    if message then
        add_generated(root, OWN.version, decoded.version, visible)
        if #message.forms > 1 then add_generated(root, OWN.layout, decoded.layout.title, visible) end
        add_generated(root, OWN.floating_header, form and form.title, visible)
        add_fixed(root, tvb, decoded, body, visible)
        if visible and form then
            add_groups(root, tvb, decoded, body, grouped(decoded))
        else
            for n = 1, #decoded.spans, 3 do add_field(root, tvb, decoded, body, n, false) end
        end
    end
    if decoded.reached < #body then
        add(root, OWN.undecoded, tvb(decoded.reached + HEADER, #body - decoded.reached))
    end
    add_generated(root, OWN.response_in, entry.response_in, visible)
    add_generated(root, OWN.response_to, entry.response_to, visible)
    if entry.response_time then
        add_generated(root, OWN.response_time, span_of(entry.response_time), visible)
    end
    if remarks then add_experts(root, remarks) end
    return root
end
