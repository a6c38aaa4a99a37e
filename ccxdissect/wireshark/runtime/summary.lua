-- The summary: a message in one line, by what the declarations mark as telling.

local ROLES = {
    "AGENT", "EXTENSION", "INSTRUMENT", "CALL", "OTHER_CALL", "NEW_CALL", "CALLING", "CALLED", "ACTING", "QUEUE",
    "AGENT_STATE", "REASON", "FAILURE", "FAILURE_DETAIL", "FAILURE_TEXT", "STATUS", "VERSION",
}

for _, row in ipairs(ROWS) do
    if not row.reserved and not row.secret then
        for _, role in ipairs(ROLES) do
            if row.marks[role] and not row.role then row.role = role end
        end
    end
    -- "AlertingDeviceID" -> "alerting"
    if row.role == "ACTING" then row.verb = row.field:gsub("_?device.*$", ""):gsub("_", " ") end
end

for _, message in pairs(MESSAGES) do
    for _, layout in ipairs(message.layouts) do
        layout.told = {}
        for position, row in ipairs(layout.fields) do
            if row.role then layout.told[#layout.told + 1] = position end
        end
    end
end

-- What most names of a table begin with, up to an underscore.
local common_start = {}
for table_name, labels in pairs(CODES) do
    local counts, total, best = {}, 0, ""
    for _, label in pairs(labels) do
        total = total + 1
        for stop in label:gmatch("()_") do
            local start = label:sub(1, stop)
            counts[start] = (counts[start] or 0) + 1
        end
    end
    for start, count in pairs(counts) do
        if count * 2 > total and #start > #best then best = start end
    end
    common_start[table_name] = best
end

local function short_label(row, value)
    local label = label_of(row, value)
    if not label or not row.codes or row.flags then return label or format("%d", value) end
    local start = common_start[row.codes]
    return label:sub(1, #start) == start and label:sub(#start + 1) or label
end

-- The message at hand: what it says by role, the fields that say it, and the words so far. Kept out of the functions,
-- since this runs for every line of the packet list.
local values, rows, said

local function note(row, value)
    local role = row.role
    if values[role] == nil and value ~= "" then values[role], rows[role] = value, row end
end

local function collect(decoded, body)
    values, rows = {}, {}
    local layout = decoded.layout
    local told, fields, offsets, whole = layout.told, layout.fields, layout.offsets, decoded.whole
    for n = 1, #told do
        local position = told[n]
        if position <= whole then
            local row, start = fields[position], offsets[position]
            note(row, integer(body, start, start + row.size, row.signed))
        end
    end
    local spans, own = decoded.spans, decoded.message.own
    for n = 1, #spans, 3 do
        local row = own[spans[n]] or CATALOGUE[spans[n]]
        local role = row and row.role
        if role and values[role] == nil then
            local start, stop = spans[n + 1], spans[n + 2]
            if row.reading == "text" then
                note(row, text_of(body, start, stop))
            elseif row.reading == "int" and stop > start and stop - start <= 4 then
                note(row, integer(body, start, stop, row.signed))
            end
        end
    end
end

-- A number in words of its own; one that stands for nothing has a name instead, and is left out.
local function say_number(words_before, role)
    local value = values[role]
    if not value or rows[role].labels and rows[role].labels[value] then return end
    said[#said + 1] = words_before .. (type(value) == "number" and format("%d", value) or value)
end

local function say_text(words_before, role)
    said[#said + 1] = words_before .. values[role]
end

local function say_label(words_before, role)
    said[#said + 1] = words_before .. short_label(rows[role], values[role])
end

local function name_of(number)
    local message = MESSAGES[number]
    return message and message.name or format("UNKNOWN_%d", number)
end

local function summary_of(number, decoded, body, entry)
    local message = decoded.message
    if not message then return name_of(number) end
    collect(decoded, body)
    said = {message.name}
    if values.VERSION then said[2] = format("version %d", values.VERSION) end
    if values.AGENT then
        say_text("agent ", "AGENT")
    elseif values.EXTENSION then
        say_text("extension ", "EXTENSION")
    elseif values.INSTRUMENT then
        say_text("phone ", "INSTRUMENT")
    end
    say_number("call ", "CALL")
    say_number("and call ", "OTHER_CALL")
    say_number("new call ", "NEW_CALL")
    if values.CALLING then
        say_text(values.CALLED and "" or "from ", "CALLING")
        if values.CALLED then say_text("-> ", "CALLED") end
    elseif values.CALLED then
        say_text("to ", "CALLED")
    end
    if values.ACTING then say_text(rows.ACTING.verb .. " ", "ACTING") end
    say_number("queue ", "QUEUE")
    if values.AGENT_STATE and message.traits.AGENT_STATE then say_label("-> ", "AGENT_STATE") end
    if values.FAILURE then
        said[#said + 1] = (label_of(rows.FAILURE, values.FAILURE) or "code") .. format(" (%d)", values.FAILURE)
    end
    if (values.FAILURE_DETAIL or 0) ~= 0 then say_label("", "FAILURE_DETAIL") end
    if values.FAILURE_TEXT then said[#said + 1] = "\"" .. values.FAILURE_TEXT .. "\"" end
    if (values.STATUS or 0) ~= 0 then say_label("", "STATUS") end
    if (values.REASON or 0) ~= 0 then say_label("reason ", "REASON") end
    if entry.response_time then said[#said + 1] = format("(%.3f ms)", entry.response_time * 1000) end
    return concat(said, " ")
end
