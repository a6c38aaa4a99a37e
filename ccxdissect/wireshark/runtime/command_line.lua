-- The command line: which fields `tshark -T fields` is to print. tshark 4.0 and 4.2 ask for every field then, and printing
-- a few takes several times as long as it has to; where the system tells what the command was (Linux), and the
-- command can want no others, only those that it names are made.

local named_on_command_line

do

-- Words of the command, or nil.
local function command_line()
    local file = io and io.open and io.open("/proc/self/cmdline", "rb")
    if not file then return nil end
    local text, arguments = file:read("*a") or "", {}
    file:close()
    for argument in text:gmatch("%Z+") do arguments[#arguments + 1] = argument end
    return arguments
end

local function is_our_script(path)
    local name = path:match("([^/\\]*)$")
    for _, dialect in ipairs(DIALECTS) do
        if name == dialect.name .. ".lua" then return true end
    end
    return false
end

-- Whether a folder has scripts of others, which may want any field.
local function has_other_scripts(folder)
    local found, files = pcall(Dir.open, folder, ".lua")
    if not found or not files then return false end
    for name in files do
        if not is_our_script(name) then return true end
    end
    return false
end

-- What an option's value stands for that may want fields which it does not name; `option` is the word before it.
local function wants_more(option, argument)
    if argument:find("${", 1, true) or argument:match("^%-z") or argument == "--color" then return true end
    local script = argument:match("lua_script%d*:(.*)")
    if script then return not is_our_script(script) end
    if option ~= "-e" then return false end
    local column = argument:match("^_ws%.col%.(.*)$")
    if column then return column:lower() ~= "info" and column:lower() ~= "protocol" end
    -- The text of the whole message.
    return argument == PROTOCOL.name or argument == "text" or argument == "_ws.col"
end

-- The names of the filter fields that a command prints or filters by, with spaces between them; nil where it may want any.
local function named_in(arguments)
    local prints_fields, names, option = false, {}, nil
    for _, argument in ipairs(arguments) do
        if option == "-T" then prints_fields = argument == "fields" end
        if argument:match("^%-T.") then prints_fields = argument == "-Tfields" end
        if argument:match("^%-e.") then option, argument = "-e", sub(argument, 3) end
        if wants_more(option, argument) then return nil end
        for name in argument:gmatch(PROTOCOL.name .. "%.([%w_]+)") do names[#names + 1] = name end
        option = argument
    end
    return prints_fields and concat(names, " ") or nil
end

function named_on_command_line()
    if gui_enabled() then return nil end
    local arguments = command_line()
    local names = arguments and named_in(arguments)
    if not names or has_other_scripts(Dir.personal_plugins_path()) or has_other_scripts(Dir.global_plugins_path()) then
        return nil
    end
    return names
end

end
