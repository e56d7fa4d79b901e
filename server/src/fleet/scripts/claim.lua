-- Asks for a room.
-- KEYS: its lease, its state. ARGV: node, lifetime of the lease in ms, of the state in s.
local lease = redis.call('GET', KEYS[1])
if lease then
  return {0, lease:match('^%d+ (.*)$')}
end
local fence = redis.call('HINCRBY', KEYS[2], 'fence', 1)
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], fence .. ' ' .. ARGV[1], 'PX', ARGV[2])
return {fence, redis.call('HGET', KEYS[2], 'saved')}
