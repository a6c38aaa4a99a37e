-- The dissector: from TCP segments (or decrypted TLS data) to messages.

-- Facts of the frame's messages, for the taps, and how many there are; nil while nobody listens.
local told_of_frame
local listeners = 0

do

local TLS_RECORD = "^[\20-\23]\3[\0-\4]"
-- After so many frames of encrypted data without anything decrypted there are no keys; a handshake has fewer.
local MOST_OF_A_HANDSHAKE = 6

-- So many bytes of what was told are looked for in the info column.
local ENOUGH_TO_KNOW = 100

local handle, tls
-- Whether TLS is at work, and what comes is what it decrypted.
local inside_tls = false
-- Frames in which nothing said that a message begins, and those with what was waited for; the dissectors of those that speak
-- another dialect; and bytes that were declined.
local lost_in, waited_in, speaker_in, declined

-- What else the dissector is at: whether it has seen the frame before, the frame's columns, and whether their text is
-- kept; whether fields are wanted, and seen; the session and the end that sends, where they are known; how many bytes were
-- sent from the message on; and what was first told in the info column, of which frame.
local seen_before, columns, shows_info, grows, shows_tree, session_here, sender_here, sent_bytes, told, told_in

-- Tell a message in the info column; those of one frame follow each other, however many times the frame comes here. What
-- was told first is there as long as the column is: of many messages it has no room for the last.
local function tell(summary)
    if told_in == this_frame then
        local info = columns.info
        if find(tostring(info), told, 1, true) then
            info:append(" | " .. summary)
            return
        end
    end
    told, told_in = sub(summary, 1, ENOUGH_TO_KNOW), this_frame
    columns.protocol, columns.info = PROTOCOL.short, summary
end

-- Wireshark may ask for other columns and fields at any packet; tshark for the same throughout a pass.
local asks_anew = gui_enabled()

-- A frame is next: see whether another pass over the capture begins, and whether the text of its columns is kept.
local function begin_frame(frame, visited, pinfo)
    columns = pinfo.cols
    if asks_anew or visited ~= seen_before or frame < this_frame then
        forget_what_is_asked()
        shows_info = tostring(columns.info) ~= "(info)"
        grows = nil
    end
    this_frame, seen_before = frame, visited
    look_after_garbage(frame)
end

local function dissect_skipped(tvb, tree, text, kind)
    if shows_info then tell("[" .. text .. "]") end
    local root = add(tree, proto, tvb(), PROTOCOL.title .. ", " .. text)
    add(root, OWN.undecoded, tvb())
    root:add_proto_expert_info(EXPERT[kind], text)
end

local function skip(tvb, tree)
    local size = tvb:len()
    local length, number
    if size >= HEADER then length, number = header_of(tvb:raw(0, HEADER), 0) end
    if length and not plausible(length, number) then
        dissect_skipped(tvb, tree,
            format("a header claims %.0f bytes of message type %.0f", length, number), "absurd_header")
    else
        dissect_skipped(tvb, tree, plural(size) .. " before the next message", "absurd_header")
    end
end

-- What is kept of the message, or found out on the first pass over the capture: its state, its entry, what is decoded.
local function read(pinfo, number, body, data, cut)
    if seen_before then
        local held = kept_of(this_frame, data)
        if held then
            local entry = type(held) == "number" and held or nil
            local state = entry and state_of[entry] or held
            local decoded = (cut and decode_cut or decode)(number, body, state.version, state.form)
            if decoded.message then collect(decoded, body) end
            return state, entry, decoded
        end
    end
    local session, sender = session_here, sender_here
    if not session then session, sender = session_of(pinfo) end
    local message = MESSAGES[number]
    expect_message(session, message)
    local state = session.state
    local decoded = (cut and decode_cut or decode)(number, body, state.version, state.form)
    learn(session, sender, decoded)
    session[sender].in_step = not cut
    if message then
        collect(decoded, body)
        if message.versioned and message.replies then session.identity.client_name = values.CLIENT_NAME end
    end
    local entry = pair(session, sender, state, decoded, body, this_frame, pinfo)
    keep(this_frame, data, entry or state)
    return state, entry, decoded
end

local function copy_of(filled)
    local copy = {}
    for key, value in pairs(filled) do copy[key] = value end
    return copy
end

-- Tell the taps of a message. A frame's facts are those of its last way through here.
local function tell_taps(pinfo, fact)
    local frame = pinfo.number
    if told_of_frame.frame ~= frame or told_of_frame.taken then told_of_frame = {frame = frame} end
    fact.frame, fact.time = frame, pinfo.abs_ts
    told_of_frame[#told_of_frame + 1] = fact
end

-- One message in `tvb`, of which `data` were captured, beginning with a header that says its body's length and its type.
local function dissect_message(tvb, pinfo, tree, data, length, number)
    local cut = #data < HEADER + length
    local body = sub(data, HEADER + 1)
    local state, entry, decoded = read(pinfo, number, body, data, cut)
    lost = false
    local message = decoded.message
    if cut then
        local why = sent_bytes >= HEADER + length and "cut by the snap length" or "cut"
        decoded.problems = {{
            kind = "incomplete",
            text = format("%s is %s after %d of its %d body bytes", name_of(number), why, #body, length),
        }}
    end
    local asked, of_request, asked_number
    if is_reply(entry) then
        asked, of_request, asked_number = asked_of(entry)
    elseif entry then
        of_request = made_by[entry]
    end
    if grows == nil then grows, shows_tree = referenced(tree, handle), is_visible(tree) end
    local line
    if shows_info or shows_tree then
        line = message and summary_of(message, invoke_id_of(decoded, body), asked, asked and time_of[entry])
            or name_of(number)
        if shows_info then tell(line) end
    end
    if told_of_frame and message then
        tell_taps(pinfo, {
            message = message, values = copy_of(values), rows = copy_of(rows), version = decoded.version, identity = state.identity,
            entry = entry, asked = asked, of_request = of_request, concern = concern(),
            asked_number = asked and asked_number, words = request_text(message),
        })
    end
    -- Remarks are for the list of expert items too, which needs no tree.
    local remarks
    if cut then remarks = decoded.problems else remarks = remarks_on(decoded, body, entry, seen_before) end
    if remarks or grows then
        grow(tree, tvb, {
            body = body, decoded = decoded, entry = entry, identity = state.identity, of_request = of_request,
            line = line, remarks = remarks, visible = shows_tree,
        })
    end
end

-- Ask for more bytes from `offset` on, as Wireshark's TCP wants to be asked.
local function wait_for(tvb, pinfo, offset, more)
    pinfo.desegment_offset, pinfo.desegment_len = offset, more
    if session_here then
        session_here[sender_here].waits = tvb:raw(offset, math.min(TELLING_BYTES, tvb:len() - offset))
    end
end

-- Message by message. Not dissect_tcp_pdus, to which fewer bytes than a header are a malformed packet: what is passed
-- over before the next message may be a byte.
local function dissect_messages(tvb, pinfo, tree, size, reported, waited)
    local offset = 0
    local may_wait = preference.reassemble and pinfo.can_desegment > 0
    while offset < size do
        local left = size - offset
        local length = left
        if left >= HEADER then length = pdu_length(tvb, pinfo, offset, waited and offset == 0) end
        if may_wait and (left < HEADER or length == 0) then
            return wait_for(tvb, pinfo, offset, DESEGMENT_ONE_MORE_SEGMENT)
        end
        if may_wait and length > left then return wait_for(tvb, pinfo, offset, length - left) end
        sent_bytes = reported - offset
        local captured = math.min(length, left)
        local part = tvb(offset, captured):tvb()
        if skipping then
            skip(part, tree)
        elseif captured < HEADER then
            dissect_skipped(part, tree, format("a header is cut after %d of %d bytes", captured, HEADER), "incomplete")
        else
            local data = raw(part)
            dissect_message(part, pinfo, tree, data, header_of(data, 0))
        end
        offset = offset + length
    end
    -- Where the last bytes are no message, or are not there, the next ones may be anything.
    if session_here and (skipping or reported > size) then session_here[sender_here].in_step = false end
end

local function declined_key(data) return format("%d %d %s", this_frame, #data, sub(data, 1, HEADER)) end

-- The bytes of one segment, or of several put together, with the header that they begin with, if they are that many. Gives
-- how many of them were taken: all, or none, so that other dissectors have their turn.
local function dissect_segment(tvb, pinfo, tree, data, length, number)
    local frame, visited, size = pinfo.number, pinfo.visited, #data
    begin_frame(frame, visited, pinfo)
    skipping = false
    local waited
    if visited then
        if speaker_in[frame] then return speaker_in[frame]:call(tvb, pinfo, tree) end
        session_here = nil
        lost, waited = lost_in[frame], waited_in[frame]
        if lost and declined[declined_key(data)] then return 0 end
    else
        local session, sender = session_of(pinfo)
        local speaker = speaker_of(session, pinfo, data)
        if speaker then
            speaker_in[frame] = speaker
            return speaker:call(tvb, pinfo, tree)
        end
        session_here, sender_here = session, sender
        local direction = session[sender]
        local waits = direction.waits
        if waits then
            direction.waits = nil
            waited = sub(data, 1, #waits) == waits
            if waited then waited_in[frame] = true else direction.in_step = false end
        end
        lost = not direction.in_step
        if lost then
            lost_in[frame] = true
            if is_foreign(data, session, sender) then
                declined[declined_key(data)] = true
                return 0
            end
        end
    end
    local reported = reported_of(tvb)
    -- Nearly always a segment is one message.
    if not waited and length and HEADER + length == size and MESSAGES[number] and reported == size then
        dissect_message(tvb, pinfo, tree, data, length, number)
    else
        dissect_messages(tvb, pinfo, tree, size, reported, waited)
    end
    return size
end

local NO_KEYS = "TLS, and nothing to decrypt it with: give the key log file in Preferences > Protocols > TLS > "
    .. "(Pre)-Master-Secret log filename"

-- Say that what TLS carries cannot be read, where that is so.
local function tell_of_lacking_keys(tvb, pinfo, tree, session)
    if session.decrypted or byte(tvb:raw(0, 1)) ~= 23 then return end
    if not pinfo.visited then
        session.encrypted_frames = (session.encrypted_frames or 0) + 1
        if session.encrypted_frames <= MOST_OF_A_HANDSHAKE then return end
    end
    if referenced(tree, handle) then
        local root = add(tree, proto, tvb(), PROTOCOL.title .. ", inside TLS")
        set_generated(add(root, OWN.encrypted, NO_KEYS))
    end
end

local decrypted_is_ours
local asks_tls = false

local function dissect_tls(tvb, pinfo, tree)
    local session = session_of(pinfo)
    session.encrypted = true
    if not asks_tls then
        -- Decrypted data of a connection on our ports is ours: said before other protocols' heuristics have their guess,
        -- and only once there is such a connection, since being asked costs every other one.
        asks_tls = true
        proto:register_heuristic("tls", decrypted_is_ours)
    end
    tls = tls or Dissector.get("tls")
    -- Whoever called us has counted this down to what was left for us alone; TLS needs it for records over segments.
    pinfo.can_desegment = 2
    inside_tls = true
    -- A dissector that comes to grief there has already said so in the tree.
    local went_well, taken = pcall(tls.call, tls, tvb, pinfo, tree)
    inside_tls = false
    tell_of_lacking_keys(tvb, pinfo, tree, session)
    return went_well and taken or tvb:len()
end

function proto.dissector(tvb, pinfo, tree)
    if not handle then
        handle = Dissector.get(PROTOCOL.name)
        learn_methods(tvb, tree)
    end
    local data = raw(tvb)
    local size = #data
    if size == 0 then return 0 end
    local length, number
    if size >= HEADER then length, number = header_of(data, 0) end
    if inside_tls then
        session_of(pinfo).decrypted = true
        inside_tls = false
        pinfo.can_desegment = 2
        local taken = dissect_segment(tvb, pinfo, tree, data, length, number)
        if shows_info and taken > 0 then columns.info:fence() end
        inside_tls = true
        return taken
    end
    -- As a length, the beginning of a TLS record is absurd.
    if not (length and plausible(length, number)) and find(data, TLS_RECORD) then return dissect_tls(tvb, pinfo, tree) end
    return dissect_segment(tvb, pinfo, tree, data, length, number)
end

local function forget_capture()
    forget_everything()
    forget_measures()
    lost_in, waited_in, speaker_in, declined = {}, {}, {}, {}
    told_in, seen_before = nil, nil
end

forget_capture()
proto.init = forget_capture

-- The heuristic takes a stream over only when the first message is whole, known and sound.
local function looks_like_ours(tvb, pinfo, tree)
    if not preference.heuristic or tvb:len() < HEADER then return false end
    local length, number = header_of(tvb:raw(0, HEADER), 0)
    if not plausible(length, number) or not MESSAGES[number] or tvb:len() < HEADER + length then return false end
    if not fits(number, tvb:raw(HEADER, length)) then return false end
    pinfo.conversation = proto
    proto.dissector(tvb, pinfo, tree)
    return true
end

function decrypted_is_ours(tvb, pinfo, tree)
    if not session_of(pinfo).encrypted then return looks_like_ours(tvb, pinfo, tree) end
    return proto.dissector(tvb, pinfo, tree) > 0
end

-- Ports: those of the preferences, anything else by Decode As. The heuristic: registered when it is first wanted, since
-- an idle one costs every packet of every other protocol.

local TABLES = {"tcp.port", "tls.port"}
local ports, guesses

local function take_preferences()
    read_preferences()
    if preference.heuristic and not guesses then
        guesses = true
        proto:register_heuristic("tcp", looks_like_ours)
        if not asks_tls then
            asks_tls = true
            proto:register_heuristic("tls", decrypted_is_ours)
        end
    end
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

end
