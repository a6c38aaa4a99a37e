-- Framing: where messages begin and end in the bytes of one direction. In step, a message is what its header says. Out of
-- step (the capture began inside a message, bytes are missing, a header is absurd) a message counts when its type is
-- declared, its body decodes without doubt, and a plausible header or nothing follows.

local LARGEST_TYPE = 0xFFFF

-- Body bytes that may be decoded in vain for each byte that is passed over, so that a search takes time in proportion to
-- the bytes whatever they are. Nobody's traffic gets there; bytes made to look like headers all over do.
local TRIED_A_BYTE = 8

-- What the dissector is at: the frame, whether bytes may begin anywhere, whether those just measured are no message.
local this_frame, lost, skipping = 0, false, false

-- How the uncertain places of a capture were measured, by frame and place, so that each later look at them gives the same.
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

local is_foreign, pdu_length

do

-- Whether a header of a declared type begins there, or what there is of it leaves that open.
local function may_begin(data, at)
    local left = #data - at
    if left >= HEADER then
        local length, number = header_of(data, at)
        return length <= PROTOCOL.largest_body and MESSAGES[number] ~= nil
    end
    return find(data, left > 1 and "^%z%z" or "^%z", at + 1) ~= nil
end

-- Whether what there is of a header may be one, of whatever type.
local function may_follow(data, at)
    if #data - at >= HEADER then return plausible(header_of(data, at)) end
    return find(data, #data - at > 1 and "^%z%z" or "^%z", at + 1) ~= nil
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
    if length > PROTOCOL.largest_body or not MESSAGES[number] or length < MESSAGES[number].least then return false end
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
function is_foreign(data, session, sender)
    if session.identity.client then return false end
    if #data >= HEADER then
        if plausible(header_of(data, 0)) then return false end
    elseif may_begin(data, 0) then
        return false
    end
    local found, open = next_message(data, 1, session.state, session[sender])
    return not found and not open
end

-- The smallest fixed part of each type: a shorter body is not what its header says, or that is no header.
for _, message in pairs(MESSAGES) do
    message.least = message.layouts[1].size
    for _, layout in ipairs(message.layouts) do message.least = math.min(message.least, layout.size) end
    if message.fields_unknown then message.least = 0 end
end

-- Whether headers follow each other from one place to another.
local function headers_lead(data, at, to)
    while at < to and at + HEADER <= #data do
        local length, number = header_of(data, at)
        if not plausible(length, number) then return false end
        at = at + HEADER + length
    end
    return at == to
end

-- Whether what should be a message, since the one before it ended there, is none: bytes before it may be missing, of which
-- nothing tells. `data`: the bytes from there on; `waited`: whether it made the dissector wait for more of them.
local function is_none(data, length, number, follows, session, sender)
    local stop, state, direction = HEADER + length, session.state, session[sender]
    if MESSAGES[number] then
        if stop > #data or fits(number, sub(data, HEADER + 1, stop), state.version, state.form) then return false end
    end
    -- What is searched is paid for by what was read, so that it takes time in proportion.
    direction.credit = direction.credit + stop
    if direction.credit < #data then return not follows end
    direction.credit = direction.credit - #data
    local found = next_message(data, 1, state, direction)
    if found then return not headers_lead(data, stop, found) end
    return not follows
end

local function stands_in_step(tvb, pinfo, offset, left, length, number, waited)
    if pinfo.visited then return true end
    local stop, message = HEADER + length, MESSAGES[number]
    local follows = stop >= left or may_follow(tvb:raw(offset + stop, math.min(HEADER, left - stop)), 0)
    if message and follows and not waited and length >= message.least then return true end
    return not is_none(tvb:raw(offset, left), length, number, follows, session_of(pinfo))
end

-- What tells an uncertain place of a frame from its others. Not how many bytes there are: once Wireshark knows how many of
-- them were taken, it gives no more.
local function place_of(tvb, offset, left)
    return format("%d ", tvb:offset() + offset) .. tvb:raw(offset, math.min(TELLING_BYTES, left))
end

-- The length of the message or of what precedes the next one; 0 when that takes more bytes to see. `waited`: whether its
-- first bytes made the dissector wait for the others.
function pdu_length(tvb, pinfo, offset, waited)
    local left = tvb:len() - offset
    skipping = false
    local measured_here = measured[this_frame]
    local known = measured_here and measured_here[place_of(tvb, offset, left)]
    if not known then
        local length, number = header_of(tvb:raw(offset, HEADER), 0)
        if not lost and plausible(length, number) and stands_in_step(tvb, pinfo, offset, left, length, number, waited) then
            return HEADER + length
        end
        local size, no_message = measure(tvb:raw(offset, left), pinfo)
        known = {size, no_message}
        measured[this_frame] = measured_here or {}
        measured[this_frame][place_of(tvb, offset, left)] = known
    end
    skipping = known[2]
    if known[2] then lost = true end
    return known[1]
end

end
