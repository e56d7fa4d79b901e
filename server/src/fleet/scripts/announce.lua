-- Tells of a node and its public rooms.
-- KEYS: nodes, nodes with free rooms, open rooms, what is known of open rooms, the node's open rooms.
-- ARGV: name, process, record, lifetime in ms, free rooms (-1: takes nobody), lifetime of an opening in ms; then name,
-- players and capacity of each public room.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
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
for at = 7, #ARGV, 3 do
  local room, players, capacity = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  listed[room] = true
  if free >= 0 and players < capacity then
    redis.call('ZADD', KEYS[3], players, room)
    redis.call('HSET', KEYS[4], room, '0 ' .. capacity .. ' ' .. name)
    redis.call('SADD', KEYS[5], room)
  else
    listed[room] = false
  end
end
for _, room in ipairs(redis.call('SMEMBERS', KEYS[5])) do
  local since, node = (redis.call('HGET', KEYS[4], room) or ''):match('^(%d+) %d+ (.*)$')
  local is_opening = since and tonumber(since) + ARGV[6] > now
  if listed[room] == false or free < 0 or not (listed[room] or is_opening) then
    redis.call('SREM', KEYS[5], room)
    if node == name then
      redis.call('ZREM', KEYS[3], room)
      redis.call('HDEL', KEYS[4], room)
    end
  end
end
return 1
