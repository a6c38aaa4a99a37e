-- The summary: a message in one line, by what the declarations mark as telling.

local name_of, short_label, failure_text, request_text, summary_of

do

-- What a table's names begin with that is but the table's own name: "AGENT_STATE_" in AgentState, "LCS_" in
-- LocalConnectionState. Nothing else may be left out of a name without changing what it says.
local own_starts = {}
for table_name in pairs(CODES) do
    local parts, initials = {}, ""
    for part in table_name:gmatch("%u+%l*") do
        parts[#parts + 1] = part:upper()
        initials = initials .. part:sub(1, 1)
    end
    local starts = {initials .. "_"}
    for first = 1, #parts do
        starts[#starts + 1] = concat(parts, "_", first) .. "_"
        starts[#starts + 1] = concat(parts, "", first) .. "_"
    end
    own_starts[table_name] = starts
end

function short_label(row, value)
    local label = label_of(row, value)
    if not label or not row.codes or row.flags then return label or format("%d", value) end
    for _, start in ipairs(own_starts[row.codes]) do
        if #label > #start and sub(label, 1, #start) == start then return sub(label, #start + 1) end
    end
    return label
end

-- The words so far, of the message that `collect` looked at last, and how many there are.
local said, count = {}, 0

local function say(word)
    count = count + 1
    said[count] = word
end

-- A number in words of its own; one that stands for nothing has a name instead, and is left out.
local function say_number(words_before, slot)
    local value, labels = values[slot], rows[slot].labels
    if labels and labels[value] then return end
    count = count + 1
    -- Not by tostring or "..", which write 5.0 in some versions of Lua.
    said[count] = words_before .. (type(value) == "number" and format("%d", value) or value)
end

local function say_text(words_before, slot)
    count = count + 1
    said[count] = words_before .. values[slot]
end

local function say_label(words_before, slot)
    say(words_before .. short_label(rows[slot], values[slot]))
end

function name_of(number)
    local message = MESSAGES[number]
    return message and message.name or format("UNKNOWN_%d", number)
end

-- Who, which call, what state. Call `collect` first.
local function say_who(message)
    count = 0
    local values = values
    if values.VERSION then say(format("version %d", values.VERSION)) end
    if values.AGENT then
        say(values.AGENT)
    elseif values.EXTENSION then
        say_text("extension ", "EXTENSION")
    elseif values.INSTRUMENT then
        say_text("phone ", "INSTRUMENT")
    end
    if values.CALL then say_number("call ", "CALL") end
    if values.OTHER_CALL then say_number("and call ", "OTHER_CALL") end
    if values.NEW_CALL then say_number("new call ", "NEW_CALL") end
    if values.CALLING then
        say_text(values.CALLED and "" or "from ", "CALLING")
        if values.CALLED then say_text("-> ", "CALLED") end
    elseif values.CALLED then
        say_text("to ", "CALLED")
    end
    if values.ACTING and rows.ACTING ~= rows.CALLING then say_text(rows.ACTING.verb .. " ", "ACTING") end
    if values.QUEUE then say_number("queue ", "QUEUE") end
    if values.WATCHED then say_number("watches ", "WATCHED") end
    if values.MONITOR then say_number("monitor ", "MONITOR") end
    if values.AGENT_STATE and message.traits.AGENT_STATE then say_label("-> ", "AGENT_STATE") end
end

-- What came of it, added to the same list.
local function say_outcome()
    local values = values
    if values.FAILURE then
        say((label_of(rows.FAILURE, values.FAILURE) or "code") .. format(" (%d)", values.FAILURE))
    end
    if (values.FAILURE_DETAIL or 0) ~= 0 then say_label("", "FAILURE_DETAIL") end
    if values.FAILURE_TEXT then say("\"" .. values.FAILURE_TEXT .. "\"") end
    if (values.STATUS or 0) ~= 0 then say_label("", "STATUS") end
    if (values.REASON or 0) ~= 0 then say_label("reason ", "REASON") end
end

-- The failure alone, for the expert item.
function failure_text(message)
    count = 0
    say(message.name)
    say_outcome()
    return concat(said, " ", 1, count)
end

-- What a reply repeats of its request: who asked for what.
function request_text(message)
    say_who(message)
    return concat(said, " ", 1, count)
end

-- A message in one line; call `collect` first. `asked`: what `request_text` gave for the request that it answers.
function summary_of(message, invoke_id, asked, response_time)
    say_who(message)
    if asked and asked ~= "" then
        local own = count
        for n = 1, own do
            if find(asked, said[n], 1, true) then said[n] = "" end
        end
        asked = " " .. asked
        for n = 1, own do
            if said[n] ~= "" then asked = asked .. " " .. said[n] end
        end
        count = 0
    end
    say_outcome()
    local line = message.name
    if invoke_id then line = line .. format(" #%d", invoke_id) end
    if asked then line = line .. asked end
    if count > 0 then line = line .. " " .. concat(said, " ", 1, count) end
    if response_time then line = line .. format(", %.3f ms", response_time * 1000) end
    return line
end

end
