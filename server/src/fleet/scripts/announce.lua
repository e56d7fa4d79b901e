-- Tells of a node and its public rooms.
-- KEYS: nodes, nodes with free rooms, open rooms, what is known of open rooms, the node's open rooms, when the store began.
-- ARGV: name, process, record, lifetime in ms, free rooms (-1: takes nobody), lifetime of an opening in ms, how long in ms
-- somebody may be on the way; then name, players and capacity of each public room.
-- What is known of a room: when somebody was sent there last, its capacity, 1 once its node has told of it, and its node.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[6], string.format('%.0f', now), 'NX')
local name, process, free = ARGV[1], ARGV[2], tonumber(ARGV[5])
local known = redis.call('HGET', KEYS[1], name)
if known then
  local other, until_ms = known:match('^(%d+) (%d+) ')
  if other ~= process and tonumber(until_ms) > now then
    return 0
  end
end
local until_ms = string.format('%.0f', now + ARGV[4])
redis.call('HSET', KEYS[1], name, process .. ' ' .. until_ms .. ' ' .. ARGV[3])
if free > 0 then
  redis.call('ZADD', KEYS[2], free, name)
else
  redis.call('ZREM', KEYS[2], name)
end
local listed = {}
for at = 8, #ARGV, 3 do
  local room, players, capacity = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local since = (redis.call('HGET', KEYS[4], room) or ''):match('^(%d+) ') or '0'
  local is_awaited = tonumber(since) + ARGV[7] > now
  local score = redis.call('ZSCORE', KEYS[3], room)
  if is_awaited then
    -- Who is on the way counts; where that fills it, it stays closed.
    players = score and math.max(players, tonumber(score)) or capacity
  end
  listed[room] = free >= 0 and (players < capacity or is_awaited)
  if listed[room] then
    redis.call('HSET', KEYS[4], room, since .. ' ' .. capacity .. ' 1 ' .. name)
    redis.call('SADD', KEYS[5], room)
    if players < capacity then
      redis.call('ZADD', KEYS[3], players, room)
    end
  end
end
for _, room in ipairs(redis.call('SMEMBERS', KEYS[5])) do
  local since, told, node = (redis.call('HGET', KEYS[4], room) or ''):match('^(%d+) %d+ (%d) (.*)$')
  local is_opening = told == '0' and tonumber(since) + ARGV[6] > now
  if free < 0 or listed[room] == false or not (listed[room] or is_opening) then
    redis.call('SREM', KEYS[5], room)
    if node == name then
      redis.call('ZREM', KEYS[3], room)
      redis.call('HDEL', KEYS[4], room)
    end
  end
end
return 1
