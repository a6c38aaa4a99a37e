-- Decoding: which fields a body holds, by the declarations. The version and the session's habit propose how to read
-- a body; whether a reading fits (the fixed part is whole, the floating fields end exactly at the body's end, their
-- tags are known) decides.

-- Forms of the floating fields' headers. Tags count from 1: a zero where a tag should stand is no field. Spans are flat
-- lists: tag, first data byte, byte after the last, and so on. A walk fills one from its beginning, and says how far it
-- came in the bytes.

local function walk_1_1(body, at, stop, spans)
    local n, last = 0, stop - 1
    while at < last do
        local tag, length = byte(body, at + 1, at + 2)
        local start = at + 2
        at = start + length
        if at > stop or tag == 0 then return start - 2 end
        spans[n + 1], spans[n + 2], spans[n + 3] = tag, start, at
        n = n + 3
    end
    return at
end

local function walk_2_1(body, at, stop, spans)
    local n, last = 0, stop - 2
    while at < last do
        local high, low, length = byte(body, at + 1, at + 3)
        local start = at + 3
        at = start + length
        if at > stop or high + low == 0 then return start - 3 end
        spans[n + 1], spans[n + 2], spans[n + 3] = high * 256 + low, start, at
        n = n + 3
    end
    return at
end

local function walk_2_2(body, at, stop, spans)
    local n, last = 0, stop - 3
    while at < last do
        local high, low, longer, length = byte(body, at + 1, at + 4)
        local start = at + 4
        at = start + longer * 256 + length
        if at > stop or high + low == 0 then return start - 4 end
        spans[n + 1], spans[n + 2], spans[n + 3] = high * 256 + low, start, at
        n = n + 3
    end
    return at
end

local ONE_ONE = {title = "1+1", tag_size = 1, length_size = 1, header = 2, walk = walk_1_1}
local TWO_ONE = {title = "2+1", tag_size = 2, length_size = 1, header = 3, walk = walk_2_1}
local TWO_TWO = {title = "2+2", tag_size = 2, length_size = 2, header = 4, walk = walk_2_2}
local FORMS = {ONE_ONE, TWO_ONE, TWO_TWO}
local NARROW, WIDE, ANY = {ONE_ONE}, {}, {ONE_ONE}
for _, title in ipairs(PROTOCOL.wide_headers) do
    for _, form in ipairs(FORMS) do
        if form.title == title then WIDE[#WIDE + 1], ANY[#ANY + 1] = form, form end
    end
end

-- The forms that a version allows, the likeliest first.
local function proposed(version)
    if not version then return ANY end
    return version < PROTOCOL.wide_tags_since and NARROW or WIDE
end

local function contains(list, item)
    for _, held in ipairs(list) do
        if held == item then return true end
    end
    return false
end

-- Layouts: the fixed part of one message as one version and one source have it.

do

local function evidence_of(row)
    if row.reserved and row.constant and row.reading == "int" then return {[row.constant] = true} end
    if row.codes then return row.known end
    return nil
end

local function compile_layout(form, title, since, last, rows)
    local fields, offsets, evidence, at = {}, {}, {}, 0
    for _, row in ipairs(rows) do
        if (row.since or 0) <= since then
            fields[#fields + 1], offsets[#offsets + 1] = row, at
            local known = evidence_of(row)
            if known then evidence[#evidence + 1] = {#fields, known} end
            at = at + row.size
        end
    end
    return {
        form = form, title = title, since = since, last = last, fields = fields, offsets = offsets, count = #fields,
        size = at, evidence = evidence,
    }
end

-- Every layout of a message: each form of the fixed part, newest versions first in each.
local function compile_layouts(message)
    local compiled = {}
    for form, given in ipairs(message.forms) do
        local rows, seen, starts = {}, {[0] = true}, {0}
        for position, number in ipairs(given.fixed) do
            local row = ROWS[number]
            rows[position] = row
            local since = row.since or 0
            if not seen[since] then
                seen[since] = true
                starts[#starts + 1] = since
            end
        end
        table.sort(starts)
        for position = #starts, 1, -1 do
            local next_start = starts[position + 1]
            compiled[#compiled + 1] =
                compile_layout(form, given.title, starts[position], next_start and next_start - 1, rows)
        end
    end
    return compiled
end

-- The data bytes an integer must have; 0 where any number is right, -1 for named data, -2 for a BOOL.
local function width_of(row)
    if row.reading == "variable" or row.reading == "array" then return -1 end
    if row.reading ~= "int" then return 0 end
    return row.type == "BOOL" and -2 or row.width or 0
end

for _, row in ipairs(ROWS) do
    row.marks = words(row.marks)
    row.flags = row.codes and FLAGS[row.codes]
    row.labels = row.codes and CODES[row.codes]
    if row.flags then
        row.known = {}
        for _, flag in ipairs(row.flags) do row.known[flag[2]] = true end
    else
        row.known = row.labels
    end
    if row.tag then
        row.exact = width_of(row)
        -- The most bytes of a field of which a quick look is enough.
        row.limit = row.reading == "int" and 1e9 or row.most
        if row.reserved and row.constant or row.last then row.limit = -1 end
    end
end

for tag, number in pairs(CATALOGUE) do CATALOGUE[tag] = ROWS[number] end

-- What a quick look at a field asks: may it be this early, this long, once only, and does it tell what the message is
-- about? `closer`: whether it asks more than how long it is.
local function prepare_quick_look(message)
    message.looks, message.all_bits, message.counts = {}, 0, {}
    for tag, row in pairs(message.own) do
        message.looks[tag] = {
            row = row, exact = row.exact, limit = row.limit, first_version = row.since or 0,
            closer = row.exact ~= 0 or row.since ~= nil,
        }
    end
    local bit = 1
    for _, number in ipairs(message.required or {}) do
        local look = message.looks[ROWS[number].tag]
        if not look.bit then
            look.bit, look.closer, message.all_bits, bit = bit, true, message.all_bits + bit, bit * 2
        end
    end
    message.quick = not message.one_of and bit < 1e12
    for _, repeated in ipairs(message.repeats or {}) do
        message.counts[repeated.count] = true
        for _, layout in ipairs(message.layouts) do
            local counted = false
            for _, row in ipairs(layout.fields) do counted = counted or row.name == repeated.count end
            if repeated.inner or not counted then message.quick = false end
        end
    end
    for _, layout in ipairs(message.layouts) do
        layout.counts = {}
        for position, row in ipairs(layout.fields) do
            if message.counts[row.name] then layout.counts[#layout.counts + 1] = position end
        end
    end
end

for number, message in pairs(MESSAGES) do
    message.number = number
    message.traits = words(message.traits)
    message.has_tags = message.own ~= nil
    message.own = message.own or {}
    for tag, row in pairs(message.own) do message.own[tag] = ROWS[row] end
    message.layouts = compile_layouts(message)
    message.plans = {}
    message.unbound = message.layouts[1]
    for position, row in ipairs(message.layouts[1].fields) do
        if row.marks.VERSION then message.versioned = position end
    end
    prepare_quick_look(message)
end

end

local function holds(layout, version)
    return layout.since <= version and (not layout.last or version <= layout.last)
end

-- The layouts that a version proposes, and whether they are all there are.
local function plan_of(message, version)
    if not version or #message.layouts == 1 then return message.layouts end
    local plan = message.plans[version]
    if not plan then
        plan = {}
        for _, layout in ipairs(message.layouts) do
            if holds(layout, version) then plan[#plan + 1] = layout end
        end
        -- Versions come from the wire: only sane ones are worth keeping.
        if version <= 255 then message.plans[version] = plan end
    end
    return plan
end

local function row_of(message, tag) return message.own[tag] or CATALOGUE[tag] end

local decode, decode_cut, fits, plural

do

-- Whether the data of a field that has to have a form has it: `exact` is what `width_of` gives.
local function is_sound(row, exact, body, start, stop)
    if exact > 0 then return stop - start == exact end
    if exact == -2 then return stop > start and stop - start <= 8 end
    if stop == start or byte(body, stop) ~= 0 then return false end
    local nul = find(body, "\0", row.reading == "array" and start + 2 or start + 1, true)
    return nul ~= nil and nul < stop
end

-- Walk the floating fields of the usual message, where every one is the message's own and sound and they end where the
-- body does: how many items of `spans` and of `telling` (the places in `spans` of fields that say something of the
-- message as a whole) that made, and whether none of them deviates from its declaration, as far as a quick look tells. Nil
-- where it is no such message. This is where most time goes, hence all in one loop.
local function walk_usual(message, form, body, at, stop, spans, telling, version)
    local looks, header, wide, long = message.looks, form.header, form.tag_size == 2, form.length_size == 2
    local last, n, told, clean, bits = stop - header + 1, 0, 0, message.quick, 0
    while at < last do
        local tag, length, third, fourth = byte(body, at + 1, at + header)
        if wide then tag, length = tag * 256 + length, long and third * 256 + fourth or third end
        local look, start = looks[tag], at + header
        at = start + length
        if not look or at > stop then return nil end
        spans[n + 1], spans[n + 2], spans[n + 3] = tag, start, at
        if length > look.limit then clean = false end
        if look.closer then
            local bit = look.bit
            if look.exact ~= 0 and not is_sound(look.row, look.exact, body, start, at) then return nil end
            if version and look.first_version > version then clean = false end
            if bit then
                if bits % (bit * 2) >= bit then clean = false end
                bits = bits + bit
            end
        end
        if look.tells then
            told = told + 1
            telling[told] = n + 1
        end
        n = n + 3
    end
    if at ~= stop then return nil end
    return n, told, clean and bits == message.all_bits
end

local function plausibility(layout, body)
    local count = 0
    for _, item in ipairs(layout.evidence) do
        local row, start = layout.fields[item[1]], layout.offsets[item[1]]
        if item[2][integer(body, start, start + row.size, row.signed)] then count = count + 1 end
    end
    return count
end

-- One way to read a body, and how well it fits; nil when the fixed part does not even fit in.
local function try(message, layout, form, body)
    local size = #body
    if layout.size > size then return nil end
    local spans = {}
    local reached = form.walk(body, layout.size, size, spans)
    local exact, known = reached == size, 2
    for n = 1, #spans, 3 do
        if not message.own[spans[n]] then known = math.min(known, CATALOGUE[spans[n]] and 1 or 0) end
    end
    return {
        exact = exact,
        known = exact and known or 0,
        plausible = #message.forms > 1 and plausibility(layout, body) or 0,
        layout = layout,
        form = form,
        spans = spans,
        reached = reached,
    }
end

local function fits_better(reading, best)
    if reading.exact ~= best.exact then return reading.exact end
    if reading.known ~= best.known then return reading.known > best.known end
    return reading.plausible > best.plausible
end

-- When nothing fits: the layout that claims least, in the proposed form, or the one that gets furthest.
local function least(message, layouts, forms, body, only_first)
    local smallest
    for _, layout in ipairs(layouts) do
        if layout.size <= #body and (not smallest or layout.size < smallest.size) then smallest = layout end
    end
    if not smallest then return nil end
    local best, most
    for position = 1, only_first and 1 or #forms do
        local reading = try(message, smallest, forms[position], body)
        local covered = 0
        for n = 1, #reading.spans, 3 do
            if message.own[reading.spans[n]] then covered = covered + reading.spans[n + 2] - reading.spans[n + 1] end
        end
        if not best or covered > most then best, most = reading, covered end
    end
    return best
end

local function versions_of(layout)
    if layout.last then return format("up to version %d", layout.last) end
    return layout.since > 0 and format("from version %d on", layout.since) or "all versions"
end

-- What is wrong with a field's data for its type; nil when nothing is.
local function oddity(row, body, start, stop)
    local size = stop - start
    if row.reading == "int" then
        if row.type == "BOOL" then
            if size >= 1 and size <= 8 then return nil end
            return format("%s[%d] has %d bytes for a BOOL", row.name, row.tag, size)
        end
        local width = row.width or 0
        if size == width then return nil end
        return format("%s[%d] has %d bytes, %s has %d", row.name, row.tag, size, row.type, width)
    end
    if row.reading ~= "variable" and row.reading ~= "array" then return nil end
    if row.reading == "array" then
        if size == 0 then return format("%s[%d] is empty: not even an index", row.name, row.tag) end
        start = start + 1
    end
    local nul = find(body, "\0", start + 1, true)
    if not nul or nul >= stop then
        return format("%s[%d] has no NUL between name and value", row.name, row.tag)
    end
    if byte(body, stop) ~= 0 then return format("%s[%d] does not end with a NUL", row.name, row.tag) end
    return nil
end

function plural(count) return format("%d byte%s", count, count == 1 and "" or "s") end

local function why_undecoded(message, body, reading)
    local left, at, form = #body - reading.reached, reading.reached, reading.form
    if not message.has_tags then
        return plural(left) .. " after the fixed part, which is all there should be"
    end
    if left < form.header then return plural(left) .. " left over after the last floating field" end
    local tag = integer(body, at, at + form.tag_size)
    local length = integer(body, at + form.tag_size, at + form.header)
    if tag == 0 then
        return format("no floating field begins at body byte %d, where its tag is 0: %s undecoded", at, plural(left))
    end
    return format("floating tag %d at body byte %d claims %d bytes, %d are left: %s undecoded",
        tag, at, length, left - form.header, plural(left))
end

local function problems_of(message, body, reading, version, planned, likely)
    local problems = {}
    local function problem(kind, text) problems[#problems + 1] = {kind = kind, text = text} end
    if version and not contains(planned, reading.layout) then
        problem("other_version",
            format("fixed part is that of %s, the session has version %d", versions_of(reading.layout), version))
    end
    if #reading.spans > 0 and reading.exact and version and not contains(likely, reading.form) then
        local usual = {}
        for position, form in ipairs(likely) do usual[position] = form.title end
        problem("other_form", format("floating fields have the form %s, version %d has %s",
            reading.form.title, version, concat(usual, " or ")))
    end
    for n = 1, #reading.spans, 3 do
        local row = row_of(message, reading.spans[n])
        if not row then
            problem("unknown_tag", format("floating tag %d is unknown", reading.spans[n]))
        else
            local odd = oddity(row, body, reading.spans[n + 1], reading.spans[n + 2])
            if odd then problem("odd_field", odd) end
        end
    end
    if reading.reached < #body then problem("undecoded_bytes", why_undecoded(message, body, reading)) end
    return problems
end

-- A body too short for any fixed part: the fields that are whole, and what is left.
local function cut_short(message, body, version, layouts)
    local layout
    for _, candidate in ipairs(layouts) do
        if not layout or candidate.size < layout.size then layout = candidate end
    end
    local whole = 0
    for position, row in ipairs(layout.fields) do
        if layout.offsets[position] + row.size > #body then break end
        whole = position
    end
    local text = format("body has %d bytes, the fixed part alone has %d: cut in %s",
        #body, layout.size, layout.fields[whole + 1].name)
    return {
        message = message, layout = layout, whole = whole, spans = {}, version = version,
        reached = layout.offsets[whole + 1], problems = {{kind = "cut_short", text = text}},
    }
end

-- The version that the form tells: wide tags begin with one, and no later one can be told from it.
local function version_by(reading)
    if reading.exact and #reading.spans > 0 and reading.form.tag_size == 2 then return PROTOCOL.wide_tags_since end
    return nil
end

local function weigh(message, body, version, form)
    local likely = proposed(version)
    local forms = {form}
    for _, list in ipairs({likely, FORMS}) do
        for _, candidate in ipairs(list) do
            if not contains(forms, candidate) then forms[#forms + 1] = candidate end
        end
    end
    local planned, others = plan_of(message, version), {}
    for _, layout in ipairs(message.layouts) do
        if not contains(planned, layout) then others[#others + 1] = layout end
    end
    local best
    for _, layouts in ipairs({planned, others}) do
        for _, candidate in ipairs(forms) do
            for _, layout in ipairs(layouts) do
                local reading = try(message, layout, candidate, body)
                if reading and (not best or fits_better(reading, best)) then best = reading end
            end
        end
        if best and best.exact then break end
    end
    local first_choice = #planned > 0 and planned
    if not best then return cut_short(message, body, version, first_choice or message.layouts) end
    if not best.exact then
        best = least(message, first_choice or others, forms, body, form or version) or best
    end
    return {
        message = message,
        layout = best.layout,
        whole = #best.layout.fields,
        spans = best.spans,
        reached = best.reached,
        version = version or version_by(best),
        form = #best.spans > 0 and best.form or nil,
        problems = problems_of(message, body, best, version, planned, likely),
    }
end

-- Decode what was captured of a body that is cut: every whole field, by the form that accounts for most of them.
function decode_cut(number, body, version, form)
    local message = MESSAGES[number]
    if not message then return {spans = {}, whole = 0, reached = 0, version = version} end
    if message.versioned then
        local layout = message.layouts[1]
        local start = layout.offsets[message.versioned]
        local stop = start + layout.fields[message.versioned].size
        if stop <= #body then version = integer(body, start, stop) end
    end
    local layouts = plan_of(message, version)
    if not layouts[1] then layouts = message.layouts end
    local best, most
    for _, layout in ipairs(layouts) do
        if layout.size > #body then
            if not best then best, most = cut_short(message, body, version, {layout}), 0 end
        else
            for _, candidate in ipairs(form and {form} or proposed(version)) do
                local spans = {}
                local reached = candidate.walk(body, layout.size, #body, spans)
                local known = 1
                for n = 1, #spans, 3 do known = known + (message.own[spans[n]] and 2 or -1) end
                if not best or known > most then
                    most, best = known, {
                        message = message, layout = layout, whole = #layout.fields, spans = spans, reached = reached,
                        version = version, form = spans[1] and candidate or nil,
                    }
                end
            end
        end
    end
    best.problems = nil
    return best
end

-- What the usual message is decoded into, always the same tables: making new ones takes longer than filling them.
local usual, usual_spans, usual_telling = {}, {}, {}

-- Decode one body; version and form are what is known of the session so far, or nil. The result has `message` (nil
-- for an unknown type), `layout`, how many of its fields are `whole`, `spans`, `reached` (bytes accounted for),
-- `version`, `form` (nil when no floating field told), `problems` (nil when there are none) and, where it is the usual
-- one, how many fields are `told` of and where (`telling`). It holds until the next message is decoded.
function decode(number, body, version, form)
    local message = MESSAGES[number]
    if not message then
        return {
            spans = {}, whole = 0, reached = 0, version = version,
            problems = {{kind = "unknown_type", text = format("message type %d is unknown", number)}},
        }
    end
    if message.fields_unknown and #body > 0 then
        local text = format("the fields of %s are not known: %s undecoded", message.name, plural(#body))
        return {
            message = message, layout = message.layouts[1], whole = 0, spans = {}, version = version, reached = 0,
            problems = {{kind = "undecoded_bytes", text = text}},
        }
    end
    if message.versioned then
        local layout = message.layouts[1]
        local start = layout.offsets[message.versioned]
        local stop = start + layout.fields[message.versioned].size
        if stop <= #body then
            -- A form settled for another version does not bind this one.
            local said = integer(body, start, stop)
            if said ~= version then form = nil end
            version = said
        end
    end
    local plan = plan_of(message, version)
    local layout, size = plan[1], #body
    if not plan[2] and layout.size <= size then
        local first, spans, filled, told, clean = form or proposed(version)[1], usual_spans, 0, 0, nil
        if layout.size < size then
            filled, told, clean = walk_usual(message, first, body, layout.size, size, spans, usual_telling, version)
        else
            clean = message.quick and message.all_bits == 0
        end
        if filled and (form or version or filled == 0) then
            -- What a longer message before it left there.
            for n = #spans, filled + 1, -1 do spans[n] = nil end
            local found = usual
            found.message, found.layout, found.whole, found.spans = message, layout, layout.count, spans
            found.told, found.telling = told, usual_telling
            found.reached, found.version, found.form = size, version, filled > 0 and first or nil
            found.clean, found.problems = clean, nil
            return found
        end
    end
    local decoded = weigh(message, body, version, form)
    if not decoded.problems[1] then decoded.problems = nil end
    return decoded
end

function fits(number, body, version, form)
    return MESSAGES[number] ~= nil and not decode(number, body, version, form).problems
end

end
