-- A place in the fullest open room, else in a new one.
-- KEYS: nodes, nodes with free rooms, open rooms, what is known of open rooms. ARGV: name of a new
-- room; what the keys of nodes' open rooms begin with; how many a new room takes.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function is_there(node)
  local until_ms = (redis.call('HGET', KEYS[1], node) or ''):match('^%d+ (%d+) ')
  return until_ms and tonumber(until_ms) > now
end
while true do
  local room, players = unpack(redis.call('ZREVRANGE', KEYS[3], 0, 0, 'WITHSCORES'))
  if not room then
    break
  end
  local since, capacity, node = (redis.call('HGET', KEYS[4], room) or ''):match('^(%d+) (%d+) (.*)$')
  local is_good = node and is_there(node)
  if is_good and tonumber(players) + 1 < tonumber(capacity) then
    redis.call('ZINCRBY', KEYS[3], 1, room)
  else
    -- Its last place, or nobody's any more.
    redis.call('ZREM', KEYS[3], room)
  end
  if is_good then
    return {room, node}
  end
  redis.call('HDEL', KEYS[4], room)
end
while true do
  local node, free = unpack(redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES'))
  if not node then
    return {}
  end
  if tonumber(free) > 1 then
    redis.call('ZINCRBY', KEYS[2], -1, node)
  else
    redis.call('ZREM', KEYS[2], node)
  end
  if is_there(node) then
    if tonumber(ARGV[3]) > 1 then
      -- Those who come at once share it.
      redis.call('ZADD', KEYS[3], 1, ARGV[1])
      redis.call('HSET', KEYS[4], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[3] .. ' ' .. node)
      redis.call('SADD', ARGV[2] .. node, ARGV[1])
    end
    return {ARGV[1], node}
  end
  redis.call('ZREM', KEYS[2], node)
end
