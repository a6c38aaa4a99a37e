-- Dialects: which protocol a session speaks, where the plugins of several are loaded that share ports. What speaks for
-- each is added up until one leads; the plugin that Wireshark asks hands the packets of the others over.

local speaker_of

do

-- The dissectors of all of them, and which of them this is; found once all plugins are loaded.
local dissectors, own, others

local function find_dissectors()
    dissectors, others = {}, false
    for n, dialect in ipairs(DIALECTS) do
        local found, dissector = pcall(Dissector.get, dialect.name)
        dissectors[n] = found and dissector or nil
        if dialect.name == PROTOCOL.name then own = n elseif dissectors[n] then others = true end
    end
end

local function see(verdict, n, meaning, weight)
    local key = n .. " " .. meaning
    if not verdict.seen[key] then
        verdict.seen[key] = true
        verdict[n] = verdict[n] + weight
    end
end

local function new_verdict(pinfo)
    local verdict = {seen = {}, looked_at = 0}
    for n, dialect in ipairs(DIALECTS) do
        verdict[n] = 0
        for _, port in ipairs({pinfo.src_port, pinfo.dst_port}) do
            if dialect.ports[port] then see(verdict, n, "port", dialect.ports[port]) end
        end
    end
    return verdict
end

local function fixed_value(decoded, body, name)
    for position = 1, decoded.whole do
        local row, start = decoded.layout.fields[position], decoded.layout.offsets[position]
        if row.name == name and row.reading == "int" then
            return integer(body, start, start + row.size, row.signed)
        end
    end
    return nil
end

-- Whether a mask has any of some bits; there is no operator that all versions of Lua have.
local function has_bits(value, bits)
    local bit = 1
    while bit <= bits do
        if bits % (bit * 2) >= bit and value % (bit * 2) >= bit then return true end
        bit = bit * 2
    end
    return false
end

local function has_sign(sign, decoded, body)
    local message = decoded.message
    if sign.messages and not sign.messages[message.number] or sign.kind and sign.kind ~= message.kind then return false end
    if sign.tag then
        local there, without = false, false
        for n = 1, #decoded.spans, 3 do
            there = there or decoded.spans[n] == sign.tag
            without = without or decoded.spans[n] == sign.without
        end
        return there and not without
    end
    local held = fixed_value(decoded, body, sign.field)
    local beside = sign.beside and fixed_value(decoded, body, sign.beside)
    if not held or sign.beside and not beside then return false end
    local found
    if sign.bits then
        found = has_bits(held, sign.bits)
    else
        found = held == sign.values[1] and (not sign.values[2] or beside == sign.values[2])
    end
    return found ~= sign.other
end

-- Add what a message says of who speaks.
local function look(verdict, number, body, state)
    for n, dialect in ipairs(DIALECTS) do
        if dialect.own_types[number] then see(verdict, n, "type", TELLING.own_type) end
    end
    local message = MESSAGES[number]
    if not message or message.fields_unknown then return end
    local decoded = decode(number, body, state.version, state.form)
    if message.versioned and decoded.whole >= message.versioned then
        local only
        local said = fixed_value(decoded, body, decoded.layout.fields[message.versioned].name)
        for n, dialect in ipairs(DIALECTS) do
            if said >= dialect.first_version and said <= dialect.last_version then only = only == nil and n end
        end
        if only then see(verdict, only, "version " .. said, TELLING.own_version) end
    end
    for n, dialect in ipairs(DIALECTS) do
        for position, sign in ipairs(dialect.signs) do
            if has_sign(sign, decoded, body) then see(verdict, n, "sign " .. position, sign.weight) end
        end
    end
end

-- The dissector of the protocol that a session speaks, nil when that is this one; `data`: the segment from its
-- beginning. What the plugin that was asked first has found is not asked again.
function speaker_of(session, pinfo, data)
    if others == nil then find_dissectors() end
    if not others or session.settled then return nil end
    if pinfo.private[PROTOCOL.name] then
        session.settled = true
        return nil
    end
    local verdict = session.verdict or new_verdict(pinfo)
    session.verdict = verdict
    local best, second = 1, 0
    if not verdict.leads and verdict.looked_at < TELLING.looked_at and #data >= HEADER then
        local length, number = header_of(data, 0)
        if plausible(length, number) and #data >= HEADER + length then
            verdict.looked_at = verdict.looked_at + 1
            look(verdict, number, sub(data, HEADER + 1, HEADER + length), session.state)
        end
    end
    for n = 2, #DIALECTS do
        if verdict[n] > verdict[best] then best = n end
    end
    for n = 1, #DIALECTS do
        if n ~= best then second = math.max(second, verdict[n]) end
    end
    verdict.leads = verdict[best] - second >= TELLING.lead
    if best == own then
        session.settled = verdict.leads
        return nil
    end
    local speaker = dissectors[best]
    if speaker then pinfo.private[DIALECTS[best].name] = "spoken" end
    return speaker
end

end
