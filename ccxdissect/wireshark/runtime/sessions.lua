-- Sessions: the connections of this protocol, told apart by their ends. Kept on the first pass over a capture only.

local sessions, sessions_by_address, session_count

local function end_text(address, port)
    local text = tostring(address)
    return (find(text, ":", 1, true) and "[" .. text .. "]" or text) .. ":" .. format("%d", port)
end

-- Who talks to whom; a new opening on the same ports is a new identity, since nothing else here tells a connection
-- that came later from the one before it.
local function new_identity(low_end, high_end)
    session_count = session_count + 1
    return {number = session_count, low_end = low_end, high_end = high_end}
end

-- What is known of a direction: whether the next bytes are a header, the body bytes that a search for one may yet try in
-- vain, and the bytes that may yet be searched where one is doubted; with what bytes those begin that it waits for.
local function new_direction()
    return {in_step = false, allowance = 65536, credit = 65536, waits = nil, open = {}, without_id = {}}
end

local function new_session(low, low_port, high, high_port)
    local identity = new_identity(end_text(low, low_port), end_text(high, high_port))
    return {
        low = low, high = high, identity = identity, state = {identity = identity},
        -- By the end that sends: 1 the one with the lower port, 2 the other.
        new_direction(), new_direction(),
    }
end

-- The session that a packet belongs to, and the end that sends (1 or 2). Ports alone nearly always tell.
local function session_of(pinfo)
    local from, to = pinfo.src_port, pinfo.dst_port
    local source, target = pinfo.src, pinfo.dst
    local forward = from < to
    if from == to then forward = tostring(source) <= tostring(target) end
    local low, high, low_port, high_port = target, source, to, from
    if forward then low, high, low_port, high_port = source, target, from, to end
    local ports = low_port * 65536 + high_port
    local session = sessions[ports]
    if not session then
        session = new_session(low, low_port, high, high_port)
        sessions[ports] = session
    elseif session.low ~= low or session.high ~= high then
        local key = ports .. " " .. tostring(low) .. " " .. tostring(high)
        session = sessions_by_address[key]
        if not session then
            session = new_session(low, low_port, high, high_port)
            sessions_by_address[key] = session
        end
    end
    return session, forward and 1 or 2
end

-- What a message tells of its session. States are never changed but replaced: messages keep theirs.
local function learn(session, sender, decoded)
    local state, version, form, message = session.state, decoded.version, decoded.form, decoded.message
    local identity = state.identity
    if not identity.client and message then
        local low_is_client = (message.sender == "client") == (sender == 1)
        identity.client = low_is_client and identity.low_end or identity.high_end
        identity.server = low_is_client and identity.high_end or identity.low_end
    end
    local new_version, new_form = state.version, state.form
    -- Nearly always it tells nothing new.
    if (not version or version == new_version) and (not form or form == new_form) then return end
    if version and version ~= new_version then new_version, new_form = version, nil end
    if form and (not new_version or contains(proposed(new_version), form)) then new_form = form end
    if new_version ~= state.version or new_form ~= state.form then
        session.state = {version = new_version, form = new_form, identity = identity}
    end
end

-- A message is about to be read: an opening begins another connection where the one before it had been granted, as whatever
-- followed it showed, and forgets what that left open. Where nothing was granted yet, it is the client that asks again.
local function expect_message(session, message)
    if not message or message.traits.FAILS then return end
    if not (message.versioned and message.replies) then
        session.granted = true
        return
    end
    if not session.granted then return end
    for sender = 1, 2 do session[sender].open, session[sender].without_id = {}, {} end
    session.identity = new_identity(session.identity.low_end, session.identity.high_end)
    session.state = {identity = session.identity}
    session.granted = false
end
