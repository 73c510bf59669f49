-- Who is here, as Redis keeps it. Each call is one step that nothing comes between: first the time that has passed
-- takes its effect, then what is asked for is done. All clocks but that of Redis are ignored; times are milliseconds.
--
--   presence:alive      sorted set   connection -> its last beat
--   presence:beats      hash         connection -> user:active:board, where board 0 is none
--   presence:of:U       set          the connections of a user
--   presence:people     hash         user -> how they were last announced: here, active, boards ("117,9"; "00" left)
--   presence:board:T    set          the users who have the board of a team open
--   presence:left       sorted set   user -> when their last connection went; gone as soon as that is announced
--   presence:leaving    sorted set   user -> when a connection said good-bye by which they were active
--   presence:seen       sorted set   user -> their last beat, once the connection that it came by is gone
--   presence:clock      string       when somebody last looked
--
-- ARGV: lengths (JSON), what is asked (take, who, board, sweep), what is said with it (JSON). Ids are text, because Lua
-- writes large numbers with an exponent.
-- Gives the time, the answer, and the news: whoever made them true announces them.

local ALIVE, BEATS, PEOPLE, LEFT = 'presence:alive', 'presence:beats', 'presence:people', 'presence:left'
local LEAVING, SEEN, CLOCK = 'presence:leaving', 'presence:seen', 'presence:clock'
local AT_ONCE = 1000
local PART = 500 -- so many values go into one command; the stack of Lua holds some thousand

local call = redis.call
local lengths = cjson.decode(ARGV[1])
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local news = {}
local touched = {}

local function of(user) return 'presence:of:' .. user end
local function board(team) return 'presence:board:' .. team end

local function in_parts(values, visit)
    for first = 1, #values, PART do
        visit(first, math.min(first + PART - 1, #values))
    end
end

local function all(command, key, members)
    local found = {}
    in_parts(members, function(first, last)
        for _, value in ipairs(call(command, key, unpack(members, first, last))) do
            found[#found + 1] = value
        end
    end)
    return found
end

-- Time in which nobody looked does not count, nor does a clock that was set: nobody had a chance to be heard.
local function mend()
    local before = tonumber(call('GET', CLOCK) or now)
    if now - before > lengths.gap then
        for _, key in ipairs({ ALIVE, LEFT, LEAVING }) do
            local found = call('ZRANGE', key, 0, -1, 'WITHSCORES')
            for i = 1, #found, 2 do
                call('ZADD', key, math.min(found[i + 1] + now - before, now), found[i])
            end
        end
    elseif now < before then
        for _, key in ipairs({ ALIVE, LEFT, LEAVING }) do
            for _, member in ipairs(call('ZRANGEBYSCORE', key, '(' .. now, '+inf')) do
                call('ZADD', key, now, member)
            end
        end
    end
    call('SET', CLOCK, now)
end

local function touch(user, at) touched[user] = math.max(touched[user] or 0, at) end

-- A connection goes; `at` is the moment.
local function forget(connection, at)
    local state, last = call('HGET', BEATS, connection), call('ZSCORE', ALIVE, connection)
    call('ZREM', ALIVE, connection)
    if not state then return end
    local user = state:match('^%d+')
    call('HDEL', BEATS, connection)
    call('SREM', of(user), connection)
    call('ZADD', SEEN, 'GT', last or now, user)
    touch(user, at)
end

-- What all connections of somebody come to: whether they are here and active, and a set and a list of boards.
local function gathered(user)
    local connections = call('SMEMBERS', of(user))
    local active, has, boards = '0', {}, {}
    for _, state in ipairs(all('HMGET', BEATS, connections)) do
        local is_active, team = (state or ''):match('^%d+:(%d):(%d+)$')
        if team == '0' then
            if is_active == '1' then active = '1' end
        elseif team and not has[team] then
            has[team] = true
            boards[#boards + 1] = team
        end
    end
    table.sort(boards, function(one, other) return tonumber(one) < tonumber(other) end)
    return (#connections > 0 and '1' or '0'), active, has, boards
end

-- Find out whether somebody is here otherwise than was announced; `at` is when that began.
local function settle(user, at)
    local here, active, has, boards = gathered(user)
    local old, new = call('HGET', PEOPLE, user), here .. active .. table.concat(boards, ',')
    if old == new or (not old and here == '0') then return end
    for team in (old or '00'):sub(3):gmatch('%d+') do
        if not has[team] then call('SREM', board(team), user) end
    end
    for _, team in ipairs(boards) do
        call('SADD', board(team), user)
    end
    call('HSET', PEOPLE, user, new)
    if here == '1' then call('ZREM', LEFT, user) else call('ZADD', LEFT, at, user) end
    if not old then news[#news + 1] = 'online ' .. user end
    if (old or '00'):sub(2) ~= new:sub(2) then
        news[#news + 1] = 'moved ' .. user .. ' ' .. active .. ' ' .. table.concat(boards, ',')
    end
end

local function settle_all()
    for user, at in pairs(touched) do
        settle(user, at)
    end
    touched = {}
end

-- Gives how much there was to do.
local function expire()
    local dead = call('ZRANGEBYSCORE', ALIVE, '-inf', now - lengths.online, 'WITHSCORES', 'LIMIT', 0, AT_ONCE)
    for i = 1, #dead, 2 do
        forget(dead[i], dead[i + 1] + lengths.online)
    end
    settle_all()
    local away = call('ZRANGEBYSCORE', LEFT, '-inf', now - lengths.grace, 'LIMIT', 0, AT_ONCE)
    for _, user in ipairs(away) do
        call('ZREM', LEFT, user)
        call('HDEL', PEOPLE, user)
        news[#news + 1] = 'offline ' .. user .. ' ' .. string.format('%.0f', call('ZSCORE', SEEN, user) or now)
    end
    return math.max(#dead / 2, #away)
end

local verbs = {}

-- {connections, users, states, gone}: the first three go together, a state is what `presence:beats` holds.
function verbs.take(said)
    local connections, users, states = said.connections, said.users, said.states
    local known = all('HMGET', BEATS, connections)
    for i, connection in ipairs(connections) do
        if known[i] ~= states[i] then
            local before = known[i] and known[i]:match('^%d+')
            if before and before ~= users[i] then forget(connection, now) end
            call('HSET', BEATS, connection, states[i])
            call('SADD', of(users[i]), connection)
            touch(users[i], now)
        end
    end
    in_parts(connections, function(first, last)
        local beaten = {}
        for i = first, last do
            beaten[#beaten + 1] = now
            beaten[#beaten + 1] = connections[i]
        end
        call('ZADD', ALIVE, unpack(beaten))
    end)
    for _, connection in ipairs(said.gone) do
        local user = (call('HGET', BEATS, connection) or ''):match('^(%d+):1:0$')
        if user then call('ZADD', LEAVING, now, user) end
        forget(connection, now)
    end
    settle_all()
    return {}
end

-- For each user: whether they are here, are active, were active a moment ago, and their last beat, or 0.
function verbs.who(users)
    local answer = {}
    for _, user in ipairs(users) do
        local state = call('HGET', PEOPLE, user) or '00'
        local last = tonumber(call('ZSCORE', SEEN, user) or 0)
        for _, connection in ipairs(call('SMEMBERS', of(user))) do
            last = math.max(last, tonumber(call('ZSCORE', ALIVE, connection) or 0))
        end
        local left = tonumber(call('ZSCORE', LEAVING, user) or 0)
        local is_leaving = left > now - lengths.grace and 1 or 0
        answer[#answer + 1] = { tonumber(state:sub(1, 1)), tonumber(state:sub(2, 2)), is_leaving, math.min(last, now) }
    end
    return answer
end

-- For each user who has the board open: who they are, and whether they are active.
function verbs.board(team)
    local users = call('SMEMBERS', board(team))
    local answer = {}
    for i, state in ipairs(all('HMGET', PEOPLE, users)) do
        answer[i] = { tonumber(users[i]), tonumber((state or '00'):sub(2, 2)) }
    end
    return answer
end

-- Whether there is more to do.
function verbs.sweep()
    call('ZREMRANGEBYSCORE', SEEN, '-inf', now - lengths.seen)
    call('ZREMRANGEBYSCORE', LEAVING, '-inf', now - lengths.grace)
    return expire() >= AT_ONCE and 1 or 0
end

mend()
if ARGV[2] ~= 'sweep' then expire() end
return { now, verbs[ARGV[2]](cjson.decode(ARGV[3])), news }
