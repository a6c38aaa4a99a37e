-- Pairing: which reply belongs to which request. Filled on the first pass over a capture only; what a message was read
-- by and paired with is kept for every later look at it.

-- The most requests of one direction that share an InvokeID, or have none, and may still be answered.
local MOST_ALIKE = 64

-- Requests that a message may answer: reply number -> request number -> true.
for _, message in pairs(MESSAGES) do
    for _, number in ipairs(message.replies or {}) do
        local reply = MESSAGES[number]
        reply.answers = reply.answers or {}
        reply.answers[message.number] = true
    end
    if message.traits.FAILS then message.answers = message.answers or {} end
    for _, layout in ipairs(message.layouts) do
        for position, row in ipairs(layout.fields) do
            if row.marks.INVOKE_ID then layout.invoke_id = position end
        end
    end
end

-- What is kept of a message. By frame: the state it was read by or, of requests and replies, the number of an entry;
-- a list of {its first bytes, either} where a frame has several, in their order. By entry: the state, the frame, the
-- time of a request or how long its reply took, the entry that it is paired with (false: none), and what a request said
-- and concerned. In columns, since a table for each message would take several times the memory.
local kept, last_frame, last_data
local entry_count, state_of, frame_of, time_of, partner_of, said_of, begun_of
-- By the entry of a request: the call that it made, as its reply named it; and whether a reply told of a failure.
local made_by, failed_by

local function forget_everything()
    sessions, sessions_by_address, session_count = {}, {}, 0
    kept, last_frame, last_data, made_by, failed_by = {}, nil, nil, {}, {}
    entry_count, state_of, frame_of, time_of, partner_of, said_of, begun_of = 0, {}, {}, {}, {}, {}, {}
end

forget_everything()

local function new_entry(frame, state, time)
    local entry = entry_count + 1
    entry_count = entry
    state_of[entry], frame_of[entry], time_of[entry], partner_of[entry], said_of[entry] =
        state, frame, time, false, false
    return entry
end

-- How many bytes tell a message from the others of its frame. Those that begin alike are told by their order: where they
-- stand does not tell, since decrypted records all begin at nought.
local TELLING_BYTES = 16

-- Keep a message's state or entry.
local function keep(frame, data, what)
    local held = kept[frame]
    if held == nil then
        kept[frame] = what
        last_frame, last_data = frame, data
    elseif type(held) == "table" and held.cursor then
        local size = #held
        held[size + 1], held[size + 2] = sub(data, 1, TELLING_BYTES), what
    elseif last_frame == frame then
        kept[frame] = {sub(last_data, 1, TELLING_BYTES), held, sub(data, 1, TELLING_BYTES), what, cursor = 1}
    end
end

-- What is kept of a message. A frame's messages are asked for in their order, so that the next is nearly always it.
local function kept_of(frame, data)
    local held = kept[frame]
    if type(held) ~= "table" or not held.cursor then return held end
    local at, size, first_bytes = held.cursor, #held, sub(data, 1, TELLING_BYTES)
    for _ = 1, size, 2 do
        local found = held[at] == first_bytes and held[at + 1]
        at = at + 2 > size and 1 or at + 2
        if found then
            held.cursor = at
            return found
        end
    end
    return nil
end

local function invoke_id_of(decoded, body)
    local position = decoded.layout.invoke_id
    if not position or position > decoded.whole then return nil end
    local start = decoded.layout.offsets[position]
    return integer(body, start, start + decoded.layout.fields[position].size)
end

-- Open requests are lists of entry, message number, entry, message number and so on, the oldest first.

local function answers(reply, open, position)
    if reply.traits.FAILS then return true end
    local begun = begun_of[open[position]]
    return reply.answers[open[position + 1]] and not (begun and begun[reply.number])
end

-- Where the request stands that a reply answers: the newest with its id, or where there are no ids the oldest.
local function find_request(open, reply, newest_first)
    if not open then return nil end
    local first, last, step = 1, #open - 1, 2
    if newest_first then first, last, step = #open - 1, 1, -2 end
    for position = first, last, step do
        if answers(reply, open, position) then return position end
    end
    return nil
end

local function open_request(asker, id, number, entry)
    local open = asker.without_id
    if id then
        open = asker.open[id]
        if not open then
            open = {}
            asker.open[id] = open
        end
    end
    open[#open + 1], open[#open + 2] = entry, number
    if #open > 2 * MOST_ALIKE then
        table.remove(open, 1)
        table.remove(open, 1)
    end
end

-- The entry of the request that a message answers; its list forgets it once the answer is complete.
local function answered(asker, id, message)
    local open, by_id = id and asker.open[id] or nil, true
    local position = find_request(open, message, true)
    if not position and (not id or id == 0 and message.traits.FAILS) then
        -- A refusal of a request that had no id can carry none that the client chose.
        open, by_id = asker.without_id, false
        position = find_request(open, message, false)
    end
    if not position then return nil end
    local request, number = open[position], open[position + 1]
    local replies = MESSAGES[number].replies
    if message.traits.FAILS or replies[#replies] == message.number then
        table.remove(open, position)
        table.remove(open, position)
        if by_id and not open[1] then asker.open[id] = nil end
        begun_of[request] = nil
    else
        begun_of[request] = begun_of[request] or {}
        begun_of[request][message.number] = true
    end
    return request
end

-- Whether a message, of which these are the values, says that something failed.
local function tells_failure(message, said)
    return message.traits.FAILS or message.traits.REPORTS_FAILURE or (said.STATUS or 0) ~= 0 and not message.traits.OPENS
end

-- Pair a message on the first pass; gives its entry, nil when it is neither request nor reply. Call `collect` first.
local function pair(session, sender, state, decoded, body, frame, pinfo)
    local message = decoded.message
    if not message or not (message.replies or message.answers) then return nil end
    local id, time = invoke_id_of(decoded, body), pinfo.rel_ts
    local entry = new_entry(frame, state, time)
    local request = message.answers and answered(session[3 - sender], id, message)
    if request then
        partner_of[request], partner_of[entry] = entry, request
        time_of[entry] = time - time_of[request]
        if tells_failure(message, values) then failed_by[request] = true end
        if values.NEW_CALL then made_by[request] = format("c%d", values.NEW_CALL) end
    elseif message.replies then
        open_request(session[sender], id, message.number, entry)
        said_of[entry] = format("%d\1", message.number) .. request_text(message) .. "\1" .. concern()
    end
    return entry
end

-- What the request of a reply said, what it concerned, and its type.
local function asked_of(entry)
    local request = entry and partner_of[entry]
    local all = request and said_of[request]
    if not all then return nil end
    local number, text, concerned = all:match("^(%d+)\1([^\1]*)\1(.*)$")
    return text, concerned, tonumber(number)
end

-- Whether an entry is a reply that found its request.
local function is_reply(entry) return entry and partner_of[entry] and partner_of[entry] < entry end
