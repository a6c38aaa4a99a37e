-- Statistics: what a capture holds, as text, by the current display filter. In Wireshark windows below Tools, in tshark
-- by `-z`; each is a tap that takes the facts of every frame that the dissector has just told of.

do

local function clock(time)
    local whole = math.floor(time)
    return os.date("!%H:%M:%S", whole) .. format(".%03d", math.floor((time - whole) * 1000))
end

local function span(seconds)
    if seconds < 60 then return format("%.3f s", seconds) end
    return format("%d:%02d:%02d", math.floor(seconds / 3600), math.floor(seconds / 60) % 60, math.floor(seconds) % 60)
end

-- Characters that a line of a window holds as Wireshark opens it, and what further lines of a row begin with.
local WINDOW, INDENT = 74, "    "
-- How wide tables may be: in a window as it is, in tshark as they come.
local widest = math.huge

-- Characters of a text in UTF-8.
local function characters(text) return select(2, text:gsub("[^\128-\191]", "")) end

-- Lines of a table whose columns are as wide as what stands in them; the first line are its headings. What would be too
-- wide goes on below itself.
local function aligned(lines)
    local widths, text = {}, {}
    for _, line in ipairs(lines) do
        for column, cell in ipairs(line) do widths[column] = math.max(widths[column] or 0, characters(cell)) end
    end
    local breaks, filled = {}, 0
    for column, width in ipairs(widths) do
        if filled > 0 and filled + width > widest then breaks[column], filled = "\n" .. INDENT, #INDENT end
        filled = filled + width + 2
    end
    for number, line in ipairs(lines) do
        local cells = {}
        for column, cell in ipairs(line) do
            cells[column] = (breaks[column] or column > 1 and "  " or "") .. cell .. (" "):rep(widths[column] - characters(cell))
        end
        text[number] = (concat(cells) .. "\n"):gsub(" +\n", "\n"):sub(1, -2)
    end
    return concat(text, "\n")
end

local function table_of(title, headings, lines, nothing)
    if not lines[1] then return title .. ": " .. nothing .. "\n" end
    table.insert(lines, 1, headings)
    return format("%s (%d)\n\n%s\n", title, #lines - 1, aligned(lines))
end

-- The item of a list by its key, made where there is none; lists remember the order in which items came.
local function item_of(list, key, new)
    local item = list[key]
    if not item then
        item = new()
        list[key] = item
        list[#list + 1] = item
    end
    return item
end

local function from_client(fact) return fact.message.sender == "client" end

-- The calls, agents and devices of a fact, its request's included: kind is "c", "a" or "d".
local function each_concern(fact, kind)
    local seen, found = {}, {}
    for said in (fact.concern .. "\0" .. (fact.of_request or "")):gmatch("%Z+") do
        if sub(said, 1, 1) == kind and not seen[said] then
            seen[said] = true
            found[#found + 1] = sub(said, 2)
        end
    end
    return found
end

local function failure_of(fact)
    local message, values = fact.message, fact.values
    if not tells_failure(message, values) then return nil end
    if not message.failure then
        return label_of(fact.rows.STATUS, values.STATUS) or format("%d", values.STATUS)
    end
    local code = values.FAILURE
    return code and format("%s (%d)", label_of(fact.rows.FAILURE, code) or "code", code) or "failed"
end

-- Each kind of statistics: a title, and what makes a new count: a function that takes a fact, and one that gives text.
local KINDS = {}

function KINDS.sessions()
    local sessions = {}
    local function take(fact)
        local identity = fact.identity
        local session = item_of(sessions, identity, function()
            return {identity = identity, first = fact.time, client = 0, server = 0, failures = 0}
        end)
        session.last, session.version = fact.time, fact.version or session.version
        local side = from_client(fact) and "client" or "server"
        session[side] = session[side] + 1
        if failure_of(fact) then session.failures = session.failures + 1 end
    end
    local function text()
        local lines = {}
        for _, session in ipairs(sessions) do
            local identity = session.identity
            lines[#lines + 1] = {
                format("%d", identity.number), identity.client or "?", identity.server or "?",
                session.version and format("%d", session.version) or "?", identity.client_name or "",
                clock(session.first), span(session.last - session.first), format("%d", session.client),
                format("%d", session.server), format("%d", session.failures),
            }
        end
        return table_of("Sessions", {"session", "client", "server", "version", "name", "from (UTC)", "lasts",
            "by client", "by server", "failures"}, lines, "none")
    end
    return take, text
end

function KINDS.calls()
    local calls = {}
    local function take(fact)
        local values = fact.values
        for _, id in ipairs(each_concern(fact, "c")) do
            local call = item_of(calls, (fact.identity.server or "") .. " " .. id, function()
                return {id = id, first = fact.time, messages = 0, devices = {}}
            end)
            call.last, call.messages = fact.time, call.messages + 1
            call.from, call.to = call.from or values.CALLING, call.to or values.CALLED
            if fact.message.traits.CALL_ENDS then call.ended = true end
            for _, device in ipairs(each_concern(fact, "d")) do
                item_of(call.devices, device, function() return device end)
            end
        end
    end
    local function text()
        local lines = {}
        for _, call in ipairs(calls) do
            lines[#lines + 1] = {
                call.id, call.from or "?", call.to or "?", clock(call.first), span(call.last - call.first),
                call.ended and "yes" or "no", format("%d", call.messages), concat(call.devices, " "),
            }
        end
        return table_of("Calls", {"call", "from", "to", "first seen (UTC)", "for", "ended", "messages", "devices"},
            lines, "none")
    end
    return take, text
end

function KINDS.agents()
    local agents = {}
    local function take(fact)
        local values = fact.values
        if not values.AGENT or not values.AGENT_STATE or from_client(fact) or not fact.message.traits.AGENT_STATE then
            return
        end
        local agent = item_of(agents, (fact.identity.server or "") .. " " .. values.AGENT, function()
            return {name = values.AGENT}
        end)
        agent.phone = values.EXTENSION or values.INSTRUMENT or agent.phone
        local state = short_label(fact.rows.AGENT_STATE, values.AGENT_STATE)
        local reason = values.REASON and values.REASON ~= 0 and short_label(fact.rows.REASON, values.REASON) or ""
        local before = agent[#agent]
        -- Every session that sees the agent is told.
        if before and before.state == state and before.reason == reason then return end
        if before then before.lasts = fact.time - before.time end
        agent[#agent + 1] = {time = fact.time, state = state, reason = reason, frame = fact.frame}
    end
    local function text()
        local lines = {}
        for _, agent in ipairs(agents) do
            for _, change in ipairs(agent) do
                lines[#lines + 1] = {
                    agent.name, agent.phone or "", format("%d", change.frame), clock(change.time), change.state,
                    change.lasts and span(change.lasts) or "", change.reason,
                }
            end
        end
        return table_of("Agent states", {"agent", "phone", "frame", "from (UTC)", "state", "for", "reason"}, lines,
            "no agent changed its state")
    end
    return take, text
end

function KINDS.failures()
    local failed, open = {}, {}
    local function take(fact)
        local failure, entry = failure_of(fact), fact.entry
        if failure then
            failed[#failed + 1] = {
                format("%d", fact.frame), clock(fact.time), fact.message.name, failure, fact.asked or fact.words,
            }
        end
        if entry and fact.message.replies then open[#open + 1] = fact end
    end
    local function text()
        local lines = {}
        for _, fact in ipairs(open) do
            if not partner_of[fact.entry] then
                lines[#lines + 1] = {format("%d", fact.frame), clock(fact.time), fact.message.name, fact.words}
            end
        end
        local shown = {}
        for number, line in ipairs(failed) do shown[number] = line end
        return table_of("Failures", {"frame", "at (UTC)", "message", "failure", "of"}, shown, "none") .. "\n"
            .. table_of("Requests without a reply", {"frame", "at (UTC)", "request", "what it asked"}, lines, "none")
    end
    return take, text
end

-- A request counts once, however many replies it has: with the last one of them, whether that is shown or not.
function KINDS.times()
    local requests = {}
    local function count_of(message)
        return item_of(requests, message, function() return {name = message.name, asked = 0, entries = {}} end)
    end
    local function take(fact)
        local entry, message = fact.entry, fact.message
        if not entry then return end
        if message.replies then
            local count = count_of(message)
            count.asked, count.entries[entry] = count.asked + 1, true
        end
        if is_reply(entry) then count_of(MESSAGES[fact.asked_number]).entries[partner_of[entry]] = true end
    end
    local function line_of(count)
        local answered, failed, sum, least, most = 0, 0, 0, math.huge, 0
        for entry in pairs(count.entries) do
            local reply = partner_of[entry]
            if reply then
                local took = time_of[reply]
                answered, sum = answered + 1, sum + took
                least, most = math.min(least, took), math.max(most, took)
                if failed_by[entry] then failed = failed + 1 end
            end
        end
        local function milliseconds(seconds) return answered > 0 and format("%.3f", seconds * 1000) or "" end
        return {
            count.name, format("%d", count.asked), format("%d", answered), format("%d", failed),
            milliseconds(least), milliseconds(sum / answered), milliseconds(most),
        }
    end
    local function text()
        local lines = {}
        for _, count in ipairs(requests) do lines[#lines + 1] = line_of(count) end
        table.sort(lines, function(one, other) return one[1] < other[1] end)
        return table_of("Reply times", {"request", "sent", "answered", "failed", "least ms", "mean ms", "most ms"}, lines,
            "no requests")
    end
    return take, text
end

local TITLES = {
    {"sessions", "Sessions"}, {"calls", "Calls"}, {"agents", "Agents"}, {"failures", "Failures and Unanswered Requests"},
    {"times", "Reply Times"},
}

-- A tap for one kind; `shown` is called with the text whenever it is to be drawn.
local function listen(kind, filter, shown)
    local take, text = KINDS[kind]()
    local tap = Listener.new("frame", filter)
    told_of_frame = told_of_frame or {}
    listeners = listeners + 1
    function tap.packet(pinfo)
        if not told_of_frame or told_of_frame.frame ~= pinfo.number then return end
        for _, fact in ipairs(told_of_frame) do take(fact) end
        told_of_frame.taken = true
    end
    function tap.draw() shown(text()) end
    function tap.reset() take, text = KINDS[kind]() end
    return tap
end

local function open_window(kind, title)
    widest = WINDOW
    local filter = get_filter()
    if filter == "" then filter = nil end
    local window = TextWindow.new(PROTOCOL.short .. " " .. title .. (filter and ": " .. filter or ""))
    local tap = listen(kind, filter, function(text)
        window:set((filter and "Display filter: " .. filter .. "\n\n" or "") .. text)
    end)
    window:set_atclose(function()
        tap:remove()
        listeners = listeners - 1
        if listeners == 0 then told_of_frame = nil end
    end)
    retap_packets()
end

-- Statistics that a command asks for: their name, or that, a comma and a display filter. Wireshark gives us whatever
-- begins like the name, and would not tell what is wrong with it.
local function start_command(kind, named, given)
    local filter = given:match("^,(.+)$", #named + 1)
    local begun, why = pcall(listen, kind, filter, print)
    if given ~= named and not filter then begun, why = false, "after the name may come a comma and a display filter" end
    if begun then return end
    io.stderr:write(format("-z \"%s\": %s\n", given, (tostring(why):gsub("^[^\n]-:%d+: ", ""))))
    if not gui_enabled() then os.exit(1) end
end

for _, entry in ipairs(TITLES) do
    local kind, title = entry[1], entry[2]
    if gui_enabled() then
        register_menu(PROTOCOL.title:gsub("^Cisco ", "") .. "/" .. title, function() open_window(kind, title) end,
            MENU_TOOLS_UNSORTED)
    end
    local named = PROTOCOL.name .. "," .. kind
    register_stat_cmd_arg(named, function(given) start_command(kind, named, given or named) end)
end

end
