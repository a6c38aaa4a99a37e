-- Reading: from bytes to numbers and text. A body is a Lua string; offsets count from 0, as on the wire.

local byte, find, format, sub = string.byte, string.find, string.format, string.sub
local concat = table.concat

-- Bytes of a message's header: the body's length, the message's type.
local HEADER = 8

-- The words of a list as a set.
local function words(list)
    local set = {}
    for word in (list or ""):gmatch("%S+") do set[word] = true end
    return set
end

-- The integer in the bytes from start up to stop; exact up to 53 bits.
local function integer(data, start, stop, signed)
    local size = stop - start
    if size == 4 then
        -- Most of them are.
        local a, b, c, d = byte(data, start + 1, stop)
        local value = ((a * 256 + b) * 256 + c) * 256 + d
        return signed and a >= 128 and value - 0x100000000 or value
    end
    if size == 1 and not signed then return byte(data, stop) end
    local value = 0
    for at = start + 1, stop do value = value * 256 + byte(data, at) end
    if signed and stop > start and byte(data, start + 1) >= 128 then
        local span = 1
        for _ = start + 1, stop do span = span * 256 end
        value = value - span
    end
    return value
end

-- The same in decimal digits, exact for up to eight bytes.
local function decimal(data, start, stop, signed)
    if stop - start <= 6 then return format("%d", integer(data, start, stop, signed)) end
    local middle = stop - 4
    local low, high = integer(data, middle, stop), integer(data, start, middle, signed)
    return tostring(signed and Int64.new(low, high % 0x100000000) or UInt64.new(low, high))
end

-- Whether that integer is small enough to reckon with, and for "%d": no version of Lua has all those of eight bytes.
local function is_usual(data, start, stop)
    return stop - start <= 6 or not find(sub(data, start + 1, stop - 6), "[^%z]")
end

-- How many bytes the printable UTF-8 character at `at` (from 1) takes; nil when there is none.
local function utf8_width(data, at)
    local first, second, third, fourth = byte(data, at, at + 3)
    if first < 0x80 then return first >= 0x20 and first < 0x7F and 1 or nil end
    local function continues(value, low, high)
        return value and value >= (low or 0x80) and value <= (high or 0xBF)
    end
    if first >= 0xC2 and first <= 0xDF then return continues(second) and 2 or nil end
    if first >= 0xE0 and first <= 0xEF then
        local low, high = first == 0xE0 and 0xA0, first == 0xED and 0x9F
        return continues(second, low or nil, high or nil) and continues(third) and 3 or nil
    end
    if first >= 0xF0 and first <= 0xF4 then
        local low, high = first == 0xF0 and 0x90, first == 0xF4 and 0x8F
        return continues(second, low or nil, high or nil) and continues(third) and continues(fourth) and 4 or nil
    end
    return nil
end

-- Text with control characters and whatever is not UTF-8 as \xNN.
local function escaped(text)
    local pieces, at = {}, 1
    while at <= #text do
        local width = utf8_width(text, at)
        if width then
            pieces[#pieces + 1] = sub(text, at, at + width - 1)
        else
            pieces[#pieces + 1] = format("\\x%02x", byte(text, at))
        end
        at = at + (width or 1)
    end
    return concat(pieces)
end

-- Texts that need no escape: names and numbers come again and again, and looking one up is quicker than going through
-- it. No more of them than so many, whatever comes.
local plain, plain_count = {}, 0
local MOST_PLAIN, LONGEST_PLAIN = 4096, 40

-- The text in the bytes from start up to stop, less one terminating NUL.
local function text_of(data, start, stop)
    if stop > start and byte(data, stop) == 0 then stop = stop - 1 end
    local text = sub(data, start + 1, stop)
    if plain[text] then return text end
    if find(text, "[^ -~]") then return escaped(text) end
    if stop - start <= LONGEST_PLAIN then
        if plain_count == MOST_PLAIN then plain, plain_count = {}, 0 end
        plain[text], plain_count = true, plain_count + 1
    end
    return text
end

-- Name and value of a named variable.
local function pair_of(data, start, stop)
    local nul = find(data, "\0", start + 1, true)
    if not nul or nul > stop then return escaped(sub(data, start + 1, stop)), "" end
    return escaped(sub(data, start + 1, nul - 1)), text_of(data, nul, stop)
end

-- Flag names of a mask; bits without a name come last in hexadecimal. `high`: what stands above its 32 bits, nil for
-- nothing.
local function flag_names(flags, value, high)
    local names, rest = {}, value
    high = high or 0
    for _, flag in ipairs(flags) do
        local name, bit = flag[1], flag[2]
        if value == 0 and high == 0 then
            if bit == 0 then names[#names + 1] = name end
        elseif bit > 0 and value % (bit * 2) >= bit then
            names[#names + 1] = name
            if rest % (bit * 2) >= bit then rest = rest - bit end
        end
    end
    if high > 0 then
        names[#names + 1] = format("0x%x%08x", high, rest)
    elseif rest > 0 then
        names[#names + 1] = format("0x%x", rest)
    end
    return names
end

-- The constant's name, or those of the flags in one text; nil when there is none.
local function label_of(row, value, high)
    if row.flags then
        local names = flag_names(row.flags, value, high)
        return names[1] and concat(names, " | ") or nil
    end
    return row.labels and row.labels[value]
end
