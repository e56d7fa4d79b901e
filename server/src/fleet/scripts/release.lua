-- Gives a room up, also one whose lease has ended, unless somebody has had it since.
-- KEYS: its lease, its state. ARGV: node, fence, 1 where nothing is left of it, lifetime of the state in s.
local lease = redis.call('GET', KEYS[1])
if lease ~= ARGV[2] .. ' ' .. ARGV[1] and (lease or redis.call('HGET', KEYS[2], 'fence') ~= ARGV[2]) then
  return 0
end
-- First what a store that is full lets be done.
if ARGV[3] == '1' then
  redis.call('HDEL', KEYS[2], 'saved')
end
redis.call('DEL', KEYS[1])
-- A renewal that is still on its way puts it back no more.
redis.call('HSET', KEYS[2], 'released', ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
