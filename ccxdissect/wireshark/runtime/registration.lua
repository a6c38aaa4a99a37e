-- Registration: the protocol, its filter fields, expert items and preferences.

local proto = Proto(PROTOCOL.name, PROTOCOL.title)
local PREFIX = PROTOCOL.name .. "."

if set_plugin_info then
    set_plugin_info({
        version = VERSION,
        author = "the ccxdissect project",
        description = PROTOCOL.title .. " dissector",
    })
end

local registered, field_called = {}, {}

local function register(name, field)
    registered[#registered + 1] = field
    field_called[name] = field
    return field
end

local MAKE = {}

function MAKE.u32(name, field) return ProtoField.uint32(name, field.title, field.base, field.strings, nil, field.meaning) end
function MAKE.u64(name, field) return ProtoField.uint64(name, field.title, field.base, field.strings, nil, field.meaning) end
function MAKE.i32(name, field) return ProtoField.int32(name, field.title, base.DEC, field.strings, nil, field.meaning) end
function MAKE.i64(name, field) return ProtoField.int64(name, field.title, base.DEC, field.strings, nil, field.meaning) end
function MAKE.text(name, field) return ProtoField.string(name, field.title, base.UNICODE, field.meaning) end
function MAKE.bytes(name, field) return ProtoField.bytes(name, field.title, base.NONE, field.meaning) end
function MAKE.time(name, field) return ProtoField.absolute_time(name, field.title, base.UTC, field.meaning) end
MAKE.pair = MAKE.text

-- A table's names for Wireshark, which says "Unknown" where a value has none: nought then means that there is nothing.
local function strings_of(codes)
    local labels = CODES[codes]
    if labels[0] then return labels end
    local strings = {[0] = "none"}
    for value, label in pairs(labels) do strings[value] = label end
    return strings
end

-- Filter fields of what is declared, by name; a pair has three or four: itself, its name, its value, its index.
local FIELD = {}

for name, field in pairs(FILTER_FIELDS) do
    field.base = field.flags and base.HEX or base.DEC
    field.strings = field.codes and strings_of(field.codes)
    if field.unit then field.base, field.strings = base.UNIT_STRING, {" " .. field.unit} end
    if field.meaning == "" then field.meaning = field.title end
    FIELD[name] = register(name, MAKE[field.kind](PREFIX .. name, field))
end

for _, row in ipairs(ROWS) do
    local kind = FILTER_FIELDS[row.field].kind
    row.pf = FIELD[row.field]
    -- Wireshark reads these bytes as we do, unless a signed type has to hold what is unsigned.
    row.native = kind == "bytes"
        or row.reading == "int" and kind ~= "time" and (not row.signed) == (kind == "u32" or kind == "u64")
    row.time = kind == "time"
    row.widest = (kind == "u64" or kind == "i64") and 8 or 4
    row.secret = row.marks.SECRET
    row.named = row.reading == "variable" or row.reading == "array"
    -- A reserved slot of the fixed part means nothing, whatever it holds.
    row.appended = (row.flags or row.labels and not FILTER_FIELDS[row.field].codes) and (row.tag or not row.reserved)
    -- What has filter fields below it is looked at even when nobody asked for the field itself.
    row.nested = row.flags or row.named or row.appended
    if row.named and not FIELD[row.field .. "_name"] then
        local function part(end_of_name, make, ...)
            local name = row.field .. end_of_name
            FIELD[name] = register(name, make(PREFIX .. name, row.name .. end_of_name:gsub("_", " "), ...))
        end
        part("_name", ProtoField.string, base.UNICODE)
        part("_value", ProtoField.string, base.UNICODE)
        if row.reading == "array" then part("_index", ProtoField.uint8) end
    end
end

for _, flags in pairs(FLAGS) do
    flags.bits = {}
    for _, flag in ipairs(flags) do
        if flag[2] > 0 then
            flag.pf = register(flag[3], ProtoField.bool(PREFIX .. flag[3], flag[1], 32, nil, flag[2]))
            flags.bits[#flags.bits + 1] = flag
        end
    end
    table.sort(flags.bits, function(one, other) return one[2] < other[2] end)
end

local names = {}
for number, message in pairs(MESSAGES) do names[number] = message.name end

local function own(make, name, title, ...)
    return register(name, make(PREFIX .. name, title, ...))
end

local OWN = {
    body_length = own(ProtoField.uint32, "body_length", "BodyLength", base.DEC, nil, nil, "bytes after the header"),
    message_type = own(ProtoField.uint32, "message_type", "MessageTypeID", base.DEC, names, nil, "type of the message"),
    version = own(ProtoField.uint32, "version", "Protocol version", base.DEC, nil, nil,
        "version of the session, as its opening says or the bytes tell"),
    layout = own(ProtoField.string, "layout", "Layout", base.UNICODE, "which form of the fixed part it is"),
    floating_header = own(ProtoField.string, "floating_header", "Floating header", base.UNICODE,
        "bytes of a floating field's tag and of its length"),
    tag = own(ProtoField.uint16, "tag", "Tag", base.DEC, nil, nil, "FieldDataID of a floating field"),
    length = own(ProtoField.uint16, "length", "Length", base.DEC, nil, nil, "FieldLength of a floating field"),
    label = own(ProtoField.string, "label", "Constant", base.UNICODE, "name of the value in the message's table"),
    record = own(ProtoField.uint16, "record", "Record", base.DEC, nil, nil, "number of a record in a repeated group"),
    unknown_field = own(ProtoField.bytes, "unknown_field", "Unknown field", base.NONE, "data of an unknown tag"),
    odd_value = own(ProtoField.bytes, "odd_value", "Odd value", base.NONE, "data of impossible width for its type"),
    undecoded = own(ProtoField.bytes, "undecoded", "Undecoded bytes", base.NONE, "bytes that no field accounts for"),
    field = own(ProtoField.none, "field", "Floating field", base.NONE, "a floating field with its tag and its length"),
    message = own(ProtoField.bytes, "message", "Message", base.NONE, "the whole message, when a preference asks for it"),
    response_in = own(ProtoField.framenum, "response_in", "Response in", base.NONE, frametype.RESPONSE),
    response_to = own(ProtoField.framenum, "response_to", "Response to", base.NONE, frametype.REQUEST),
    response_time = own(ProtoField.relative_time, "response_time", "Response time", "from the request to this reply"),
    stream = own(ProtoField.uint32, "stream", "Session", base.DEC, nil, nil,
        "number of the connection among those of this protocol, from 1"),
    client = own(ProtoField.string, "client", "Client", base.UNICODE, "address and port of the client"),
    server = own(ProtoField.string, "server", "Server", base.UNICODE, "address and port of the server"),
    client_name = own(ProtoField.string, "client_name", "Client name", base.UNICODE, "what the client called itself"),
    call = own(ProtoField.uint32, "call", "Call", base.DEC, nil, nil, "any call of the message or of what it answers"),
    agent = own(ProtoField.string, "agent", "Agent", base.UNICODE, "any agent of the message or of what it answers"),
    device = own(ProtoField.string, "device", "Device", base.UNICODE,
        "any device, phone or number of the message or of what it answers"),
    encrypted = own(ProtoField.string, "encrypted", "Encrypted", base.UNICODE,
        "what is lacking to read what is inside TLS"),
}

proto.fields = registered

local EXPERT = {}

local function expect(name, text, group, severity)
    EXPERT[name] = ProtoExpert.new(PREFIX .. "expert_" .. name, text, group, severity)
end

expect("unknown_type", "Unknown message type", expert.group.UNDECODED, expert.severity.WARN)
expect("unknown_tag", "Unknown floating field", expert.group.UNDECODED, expert.severity.WARN)
expect("undecoded_bytes", "Bytes that no field accounts for", expert.group.MALFORMED, expert.severity.ERROR)
expect("cut_short", "Body shorter than the fixed part", expert.group.MALFORMED, expert.severity.ERROR)
expect("odd_field", "Field of impossible form", expert.group.MALFORMED, expert.severity.WARN)
expect("other_version", "Fixed part of another version", expert.group.PROTOCOL, expert.severity.WARN)
expect("other_form", "Floating fields of another version", expert.group.PROTOCOL, expert.severity.WARN)
expect("absurd_header", "No message begins here", expert.group.MALFORMED, expert.severity.ERROR)
expect("incomplete", "Message incomplete in this capture", expert.group.REASSEMBLE, expert.severity.WARN)
expect("field_missing", "Required field missing", expert.group.PROTOCOL, expert.severity.WARN)
expect("field_too_long", "Field longer than allowed", expert.group.PROTOCOL, expert.severity.WARN)
expect("count_disagrees", "Count disagrees with the records", expert.group.PROTOCOL, expert.severity.WARN)
expect("count_too_large", "Count larger than allowed", expert.group.PROTOCOL, expert.severity.WARN)
expect("field_not_listed", "Field not listed for this message", expert.group.PROTOCOL, expert.severity.NOTE)
expect("field_too_new", "Field newer than the session's version", expert.group.PROTOCOL, expert.severity.NOTE)
expect("field_withdrawn", "Field older than the session's version", expert.group.PROTOCOL, expert.severity.NOTE)
expect("message_too_new", "Message newer than the session's version", expert.group.PROTOCOL, expert.severity.NOTE)
expect("reserved_slot_odd", "Reserved slot without its constant", expert.group.PROTOCOL, expert.severity.CHAT)
expect("failure", "Failure reported", expert.group.RESPONSE_CODE, expert.severity.NOTE)
expect("unanswered", "No reply in this capture", expert.group.SEQUENCE, expert.severity.WARN)

local experts = {}
for _, item in pairs(EXPERT) do experts[#experts + 1] = item end
proto.experts = experts

proto.prefs.ports = Pref.range("TCP ports", PROTOCOL.ports, "TCP ports on which the server listens", 65535)
proto.prefs.reassemble = Pref.bool("Reassemble messages spanning multiple TCP segments", true,
    "Needs \"Allow subdissector to reassemble TCP streams\" in the TCP preferences as well")
proto.prefs.heuristic = Pref.bool("Recognise the protocol on any port", false,
    "Look for whole, sound messages on ports that are not listed")
proto.prefs.show_secrets = Pref.bool("Show passwords", false, "Passwords are shown as *** otherwise")
proto.prefs.show_headers = Pref.bool("Show tags and lengths of floating fields", false,
    "Tag and length below every floating field; they are always there for unknown tags")
proto.prefs.show_reserved = Pref.bool("Show reserved slots", false,
    "Slots that mean nothing in this protocol; filters find them in any case")
proto.prefs.whole_messages = Pref.bool("Add each whole message as bytes", false,
    "For programs that take messages out of Wireshark: field " .. PREFIX .. "message")
proto.prefs.only = Pref.string("Only these fields", "",
    "Names of fields, with spaces between them: no others are made, which makes tshark -T fields quicker. Empty: all")

-- The filter fields that are called so, with the protocol's name before it or without, as a set; nil without any name.
local function fields_called(names)
    local set
    for name in names:gmatch("[^%s,]+") do
        if sub(name, 1, #PREFIX) == PREFIX then name = sub(name, #PREFIX + 1) end
        set = set or {}
        if field_called[name] then set[field_called[name]] = true end
    end
    return set
end

-- The preferences as they stand; looking one up in Wireshark takes too long for every message.
local preference = {}

local function read_preferences()
    for _, name in ipairs({"reassemble", "heuristic", "show_secrets", "show_headers", "show_reserved", "whole_messages"}) do
        preference[name] = proto.prefs[name]
    end
    preference.only = fields_called(proto.prefs.only)
end
