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
  local capacity, told, node = (redis.call('HGET', KEYS[4], room) or ''):match('^%d+ (%d+) (%d) (.*)$')
  if not node or not is_there(node) then
    redis.call('ZREM', KEYS[3], room)
    redis.call('HDEL', KEYS[4], room)
  else
    if tonumber(players) + 1 < tonumber(capacity) then
      redis.call('ZINCRBY', KEYS[3], 1, room)
    else
      redis.call('ZREM', KEYS[3], room)
    end
    redis.call('HSET', KEYS[4], room, string.format('%.0f', now) .. ' ' .. capacity .. ' ' .. told .. ' ' .. node)
    return {room, node}
  end
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
    end
    redis.call('HSET', KEYS[4], ARGV[1], string.format('%.0f', now) .. ' ' .. ARGV[3] .. ' 0 ' .. node)
    redis.call('SADD', ARGV[2] .. node, ARGV[1])
    return {ARGV[1], node}
  end
  redis.call('ZREM', KEYS[2], node)
end
