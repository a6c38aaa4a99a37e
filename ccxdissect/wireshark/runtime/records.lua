-- Repeated groups: which floating fields of a message belong to one record. A record begins where its opener
-- stands, or, in a group without one, where a tag comes that the record already has.

local open_records, grouped

do

-- Fields are positions in the list of spans. Gives the records of `repeated`, each a list of such positions.
function open_records(repeated, fields, spans)
    local records, seen = {}, {}
    for _, n in ipairs(fields) do
        local tag = spans[n]
        if repeated.all_tags[tag] then
            local begins
            if repeated.opener then
                begins = tag == repeated.opener
            else
                begins = repeated.single_tags[tag] and seen[tag]
            end
            if begins or #records == 0 then
                records[#records + 1] = {}
                seen = {}
            end
            local record = records[#records]
            record[#record + 1] = n
            seen[tag] = true
        end
    end
    return records
end

local function prepare_repeats(repeats)
    for _, repeated in ipairs(repeats or {}) do
        repeated.single_tags, repeated.all_tags = {}, {}
        for _, tag in ipairs(repeated.tags) do
            repeated.single_tags[tag], repeated.all_tags[tag] = true, true
        end
        for _, inner in ipairs(repeated.inner or {}) do
            for _, tag in ipairs(inner.tags) do repeated.all_tags[tag] = true end
        end
        prepare_repeats(repeated.inner)
    end
end

for _, message in pairs(MESSAGES) do
    prepare_repeats(message.repeats)
    message.repeated_tags = {}
    for _, repeated in ipairs(message.repeats or {}) do
        for tag in pairs(repeated.all_tags) do message.repeated_tags[tag] = true end
    end
    -- A quick look is not enough where a field is repeated.
    for tag in pairs(message.repeated_tags) do
        if message.looks[tag] then message.looks[tag].limit = -1 end
    end
end

-- The fields with those of repeated groups gathered: items are positions, or {repeated, number, items}.
local function gather(repeats, fields, spans)
    local owner = {}
    for _, repeated in ipairs(repeats) do
        for tag in pairs(repeated.all_tags) do owner[tag] = owner[tag] or repeated end
    end
    local record_of = {}
    for _, repeated in ipairs(repeats) do
        local mine = {}
        for _, n in ipairs(fields) do
            if owner[spans[n]] == repeated then mine[#mine + 1] = n end
        end
        for number, record in ipairs(open_records(repeated, mine, spans)) do
            local items = repeated.inner and gather(repeated.inner, record, spans) or record
            local group = {repeated = repeated, number = number, items = items, first = record[1],
                last = record[#record]}
            for _, n in ipairs(record) do record_of[n] = group end
        end
    end
    local found, placed = {}, {}
    for _, n in ipairs(fields) do
        local group = record_of[n]
        if not group then
            found[#found + 1] = n
        elseif not placed[group] then
            placed[group] = true
            found[#found + 1] = group
        end
    end
    return found
end

-- The floating fields of a decoded message, in groups.
function grouped(decoded)
    local fields = {}
    for n = 1, #decoded.spans, 3 do fields[#fields + 1] = n end
    local message = decoded.message
    if not message or not message.repeats then return fields end
    local repeats_here = false
    for _, n in ipairs(fields) do repeats_here = repeats_here or message.repeated_tags[decoded.spans[n]] end
    if not repeats_here then return fields end
    return gather(message.repeats, fields, decoded.spans)
end

end
