-- The dissector: from TCP segments (or decrypted TLS data) to messages.

local LARGEST_TYPE = 0xFFFF
local TLS_RECORD = "^[\20-\23]\3[\0-\4]"

local handle, tls
local current = {}

local function plausible(length, number)
    return length <= PROTOCOL.largest_body and number <= LARGEST_TYPE
end

-- Where from byte `from` on the next whole and sound message begins that another or nothing follows.
local function next_message(data, from, session)
    local at = from
    while true do
        local found = find(data, "\0\0", at + 1, true)
        if not found or found + 7 > #data then return nil end
        at = found - 1
        local length, number = integer(data, at, at + 4), integer(data, at + 4, at + 8)
        local stop = at + HEADER + length
        if length <= PROTOCOL.largest_body and MESSAGES[number] and stop <= #data
            and fits(number, sub(data, at + HEADER + 1, stop), session.state.version, session.state.form) then
            if stop + HEADER > #data then return at end
            if plausible(integer(data, stop, stop + 4), 0) and MESSAGES[integer(data, stop + 4, stop + 8)] then
                return at
            end
        end
        at = at + 1
    end
end

local function pdu_length(tvb, _, offset)
    local left = tvb:len() - offset
    if left < HEADER then return HEADER end
    local length, number = tvb(offset, 4):uint(), tvb(offset + 4, 4):uint()
    if plausible(length, number) then return HEADER + length end
    -- No message begins here: pass over what precedes the next one, or all there is.
    return next_message(tvb:raw(offset, left), HEADER, current.session) or left
end

-- The info column when Wireshark keeps its text at all, else nil.
local function info_column(pinfo)
    local info = pinfo.cols.info
    return tostring(info) ~= "(info)" and info or nil
end

local function tell(pinfo, summary)
    local info = current.info
    if current.told then
        info:append(" | " .. summary)
    else
        current.told = true
        pinfo.cols.protocol = PROTOCOL.short
        info:set(summary)
    end
end

local function dissect_absurd(tvb, pinfo, tree, text, kind)
    if current.info then tell(pinfo, "[" .. text .. "]") end
    local root = add(tree, proto, tvb(), PROTOCOL.title .. ", " .. text)
    add(root, OWN.undecoded, tvb())
    root:add_proto_expert_info(EXPERT[kind], text)
end

local function dissect_message(tvb, pinfo, tree)
    local captured = tvb:len()
    if captured < HEADER then
        dissect_absurd(tvb, pinfo, tree, format("a header is cut after %d of %d bytes", captured, HEADER), "incomplete")
        return captured
    end
    local length, number = tvb(0, 4):uint(), tvb(4, 4):uint()
    if not plausible(length, number) then
        dissect_absurd(tvb, pinfo, tree,
            format("a header claims %.0f bytes of message type %.0f", length, number), "absurd_header")
        return captured
    end
    if captured < HEADER + length then
        dissect_absurd(tvb, pinfo, tree, format("%s is cut after %d of its %d body bytes",
            name_of(number), captured - HEADER, length), "incomplete")
        return captured
    end
    local data = tvb:raw(0, HEADER + length)
    local body, first_bytes, offset = sub(data, HEADER + 1), sub(data, 1, 16), tvb:offset()
    local entry, decoded
    if pinfo.visited then entry = entry_of(pinfo.number, offset, first_bytes) end
    if entry then
        decoded = decode(number, body, entry.version, entry.form)
    else
        local session = current.session
        entry = new_entry(pinfo, offset, first_bytes, session.state, MESSAGES[number])
        decoded = decode(number, body, entry.version, entry.form)
        learn(session, decoded)
        pair(session, decoded, body, entry)
    end
    if current.info then tell(pinfo, summary_of(number, decoded, body, entry)) end
    -- Remarks are for the list of expert items too, which needs no tree.
    local remarks = remarks_on(decoded, body, entry, pinfo.visited)
    if remarks or referenced(tree, handle) then grow(tree, tvb, number, decoded, body, entry, remarks) end
    return captured
end

function proto.dissector(tvb, pinfo, tree)
    if tvb:len() == 0 then return 0 end
    if not handle then
        handle = Dissector.get(PROTOCOL.name)
        learn_methods(tree)
    end
    if tvb:len() >= 3 and find(tvb:raw(0, 3), TLS_RECORD) then
        tls = tls or Dissector.get("tls")
        session_of(pinfo).encrypted = true
        -- A dissector that comes to grief there has already said so in the tree.
        local went_well, taken = pcall(tls.call, tls, tvb, pinfo, tree)
        return went_well and taken or tvb:len()
    end
    current.session = session_of(pinfo)
    current.info = info_column(pinfo)
    -- Of several decrypted records in a frame each has its messages in the list.
    current.told = current.session.encrypted and current.frame == pinfo.number and current.told
    current.frame = pinfo.number
    dissect_tcp_pdus(tvb, tree, HEADER, pdu_length, dissect_message, preference.reassemble)
    if current.info and current.told and current.session.encrypted then current.info:fence() end
    return tvb:len()
end

function proto.init() forget_everything() end

-- Ports: those of the preferences, anything else by Decode As.

local TABLES = {"tcp.port", "tls.port"}
local ports

local function take_preferences()
    read_preferences()
    if ports == proto.prefs.ports then return end
    for _, name in ipairs(TABLES) do
        local dissectors = DissectorTable.get(name)
        if ports and ports ~= "" then dissectors:remove(ports, proto) end
        if proto.prefs.ports ~= "" then dissectors:add(proto.prefs.ports, proto) end
    end
    ports = proto.prefs.ports
end

proto.prefs_changed = take_preferences
take_preferences()
for _, name in ipairs(TABLES) do DissectorTable.get(name):add_for_decode_as(proto) end

-- The heuristic takes a stream over only when the first message is whole, known and sound.
local function looks_like_ours(tvb, pinfo, tree)
    if not preference.heuristic or tvb:len() < HEADER then return false end
    local length, number = tvb(0, 4):uint(), tvb(4, 4):uint()
    if not plausible(length, number) or not MESSAGES[number] or tvb:len() < HEADER + length then return false end
    if not fits(number, tvb:raw(HEADER, length)) then return false end
    pinfo.conversation = proto
    proto.dissector(tvb, pinfo, tree)
    return true
end

-- Decrypted data of a connection on our ports is ours: said here, before other protocols' heuristics have their guess.
local function decrypted_is_ours(tvb, pinfo, tree)
    if not session_of(pinfo).encrypted then return looks_like_ours(tvb, pinfo, tree) end
    proto.dissector(tvb, pinfo, tree)
    return true
end

proto:register_heuristic("tcp", looks_like_ours)
proto:register_heuristic("tls", decrypted_is_ours)
