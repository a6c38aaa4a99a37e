-- Pairing: sessions, and which reply belongs to which request. Filled on the first pass over a capture only; what a
-- message was read by and paired with is kept for every later look at it.

local sessions, messages_of

local function forget_everything()
    sessions, messages_of = {}, {}
end

forget_everything()

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

local tcp_stream = Field.new("tcp.stream")

-- The session that a packet belongs to. tcp.stream tells connections on the same ports apart, when Wireshark
-- offers it; else a new opening does.
local function session_of(pinfo)
    local here = tostring(pinfo.src) .. " " .. pinfo.src_port
    local there = tostring(pinfo.dst) .. " " .. pinfo.dst_port
    local stream = tcp_stream()
    local key = (here < there and here .. " " .. there or there .. " " .. here) .. " "
        .. (stream and tostring(stream.value) or "")
    local session = sessions[key]
    if not session then
        session = {state = {}, by_id = {}, without_id = {}}
        sessions[key] = session
    end
    return session
end

-- What a message tells of its session. States are never changed but replaced: messages keep theirs.
local function learn(session, decoded)
    local state, version, form = session.state, decoded.version, decoded.form
    local new_version, new_form = state.version, state.form
    if version and version ~= new_version then new_version, new_form = version, nil end
    if form and (not new_version or contains(proposed(new_version), form)) then new_form = form end
    if new_version ~= state.version or new_form ~= state.form then
        session.state = {version = new_version, form = new_form}
    end
end

local function answers(reply, request)
    return reply.traits.FAILS or reply.answers[request.number] and not request.begun[reply.number]
end

local function completes(reply, request)
    local replies = MESSAGES[request.number].replies
    return reply.traits.FAILS or replies[#replies] == reply.number
end

-- The request that a reply answers: the newest with its id, or where there are no ids the oldest.
local function find_request(open, reply, newest_first)
    local first, last, step = 1, #open, 1
    if newest_first then first, last, step = #open, 1, -1 end
    for position = first, last, step do
        if answers(reply, open[position]) then return open[position], position end
    end
    return nil
end

local function invoke_id_of(decoded, body)
    local position = decoded.layout.invoke_id
    if not position or position > decoded.whole then return nil end
    local start = decoded.layout.offsets[position]
    return integer(body, start, start + decoded.layout.fields[position].size)
end

local function pair(session, decoded, body, entry)
    local message = decoded.message
    if not message or not (message.replies or message.answers) then return end
    local id = invoke_id_of(decoded, body)
    if message.versioned and message.replies then session.by_id, session.without_id = {}, {} end
    local open = session.without_id
    if id then
        open = session.by_id[id]
        if not open then
            open = {}
            session.by_id[id] = open
        end
    end
    if message.replies then
        entry.number, entry.begun = message.number, {}
        open[#open + 1] = entry
    end
    if not message.answers then return end
    local request, position = find_request(open, message, id ~= nil)
    if not request or request == entry then return end
    request.response_in = entry.frame
    entry.response_to = request.frame
    entry.response_time = entry.time - request.time
    if completes(message, request) then
        table.remove(open, position)
    else
        request.begun[message.number] = true
    end
end

-- What is kept of a message: the state it was read by and, of requests and replies, when they came and what they
-- were paired with. Several messages in one frame are told apart by where they stand and, since decrypted records all
-- begin at nought, by their first bytes. A bare state stands for all messages of a frame that have no entry.
local function entry_of(frame, offset, first_bytes)
    local entry = messages_of[frame]
    while entry and entry.offset and (entry.offset ~= offset or entry.first_bytes ~= first_bytes) do
        entry = entry.next
    end
    return entry
end

local function new_entry(pinfo, offset, first_bytes, state, message)
    local frame = pinfo.number
    local held = messages_of[frame]
    local entry = state
    if held and held ~= state or message and (message.replies or message.answers) then
        entry = {
            frame = frame, time = pinfo.rel_ts, offset = offset, first_bytes = first_bytes,
            version = state.version, form = state.form, next = held,
        }
    end
    messages_of[frame] = entry
    return entry
end
