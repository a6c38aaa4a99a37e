-- Framing: where messages begin and end in the bytes of one direction. In step, a message is what its header says. Out of
-- step (the capture began inside a message, bytes are missing, a header is absurd) a message counts when its type is
-- declared, its body decodes without doubt, and a plausible header or nothing follows.

local LARGEST_TYPE = 0xFFFF

-- Body bytes that may be decoded in vain for each byte that is passed over, so that a search takes time in proportion to
-- the bytes whatever they are. Nobody's traffic gets there; bytes made to look like headers all over do.
local TRIED_A_BYTE = 8

-- What the dissector is at: the frame, whether bytes may begin anywhere, whether those just measured are no message.
local this_frame, lost, skipping = 0, false, false

-- How the uncertain places of a capture were measured, so that each later look at them gives the same.
local measured

local function forget_measures() measured = {} end

forget_measures()

local function header_of(data, at)
    local a, b, c, d, e, f, g, h = byte(data, at + 1, at + 8)
    return ((a * 256 + b) * 256 + c) * 256 + d, ((e * 256 + f) * 256 + g) * 256 + h
end

local function plausible(length, number)
    return length <= PROTOCOL.largest_body and number <= LARGEST_TYPE
end

-- Whether a header of a declared type begins there, or what there is of it leaves that open.
local function may_begin(data, at)
    local left = #data - at
    if left >= HEADER then
        local length, number = header_of(data, at)
        return length <= PROTOCOL.largest_body and MESSAGES[number] ~= nil
    end
    return find(data, left > 1 and "^%z%z" or "^%z", at + 1) ~= nil
end

-- Where from byte `from` on the next whole and sound message begins that another or nothing follows, or nil; and the
-- first place before the end that may become one when more bytes come.
local function next_message(data, from, state, direction)
    local at, open = from, nil
    while true do
        local found = find(data, "\0\0", at + 1, true)
        if not found or found + HEADER - 1 > #data then break end
        at = found - 1
        local length, number = header_of(data, at)
        local stop = at + HEADER + length
        if length <= PROTOCOL.largest_body and MESSAGES[number] then
            if stop > #data then
                open = open or at
            elseif (stop + HEADER > #data or may_begin(data, stop))
                and direction.allowance + TRIED_A_BYTE * (at - from) > 0 then
                if fits(number, sub(data, at + HEADER + 1, stop), state.version, state.form) then return at, open end
                direction.allowance = direction.allowance - length
            end
        end
        at = at + 1
    end
    -- A header may begin in the last bytes.
    for last = math.max(at, #data - HEADER + 1), #data - 1 do
        if byte(data, last + 1) == 0 and may_begin(data, last) then
            open = open or last
            break
        end
    end
    return nil, open
end

-- Whether the bytes at hand begin with a message, though nothing says that one begins here.
local function begins_here(data, state)
    local length, number = header_of(data, 0)
    local stop = HEADER + length
    if length > PROTOCOL.largest_body or not MESSAGES[number] then return false end
    if stop >= #data or may_begin(data, stop) then return true end
    return fits(number, sub(data, HEADER + 1, stop), state.version, state.form)
end

-- How many bytes to take next where that is uncertain: a message's, or those up to the next one; 0 to be asked again
-- when there are more. The second value: whether they are no message.
local function measure(data, pinfo)
    local session, sender = session_of(pinfo)
    local state, direction = session.state, session[sender]
    if lost and begins_here(data, state) then
        return HEADER + header_of(data, 0), false
    end
    local left = #data
    local found, open = next_message(data, 1, state, direction)
    if not found and open and preference.reassemble and pinfo.can_desegment > 0 and direction.allowance > 0
        and left < 2 * PROTOCOL.largest_body then
        -- What has to be searched again is paid for.
        direction.allowance = direction.allowance - math.floor(left / 4)
        return 0, true
    end
    direction.allowance = direction.allowance + TRIED_A_BYTE * (found or left)
    return found or left, true
end

-- Whether bytes on a connection on which there was no message so far neither are one nor have a place where one may begin:
-- another protocol on a port of ours.
local function is_foreign(data, session, sender)
    if session.identity.client then return false end
    if #data >= HEADER then
        if plausible(header_of(data, 0)) then return false end
    elseif may_begin(data, 0) then
        return false
    end
    local found, open = next_message(data, 1, session.state, session[sender])
    return not found and not open
end

-- Whether the type of a message, though unknown, may stand in step: what follows it has to look right.
local function unknown_in_step(data, at, length)
    local stop = at + HEADER + length
    if stop + HEADER > #data then return true end
    return plausible(header_of(data, stop))
end

-- The length of the message or of what precedes the next one; 0 when that takes more bytes to see.
local function pdu_length(tvb, pinfo, offset)
    local left = tvb:len() - offset
    skipping = false
    local length, number = header_of(tvb:raw(offset, HEADER), 0)
    if not lost and plausible(length, number)
        and (MESSAGES[number] or unknown_in_step(tvb:raw(offset, left), 0, length)) then
        return HEADER + length
    end
    local place = format("%d %d %d", this_frame, tvb:offset() + offset, left)
    local known = measured[place]
    if not known then
        local size, no_message = measure(tvb:raw(offset, left), pinfo)
        known = {size, no_message}
        measured[place] = known
    end
    skipping = known[2]
    if known[2] then lost = true end
    return known[1]
end
