-- Garbage: how much of it may gather before Lua collects it. Lua's own habit is as much as is held besides; that is little at
-- first, and each collection goes through all declarations, which took a fifth of the time of a packet list.

local look_after_garbage

do

-- In bytes: what the declarations take, what is kept of a message, and the garbage that may gather.
local DECLARED, KEPT, MAY_GATHER = 2e6, 64, 16e6
-- In per cent of what is held: Lua's own habit, and the most that every version takes.
local USUAL, MOST = 200, 1000
-- It is looked at again after so many frames.
local FRAMES = 8192

local next_look = 0

-- A frame is next; the first of another pass may be any.
function look_after_garbage(frame)
    if frame < next_look and frame > next_look - 2 * FRAMES then return end
    next_look = frame + FRAMES
    local pause = 100 + 100 * MAY_GATHER / (DECLARED + KEPT * frame)
    pcall(collectgarbage, "setpause", math.floor(math.max(USUAL, math.min(MOST, pause))))
end

end
