-- Gives a room up.
-- KEYS: its lease, its state. ARGV: node, fence, 1 where nothing is left of it, lifetime of the state in s.
if redis.call('GET', KEYS[1]) ~= ARGV[2] .. ' ' .. ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[1])
-- A renewal that is still on its way puts it back no more.
redis.call('HSET', KEYS[2], 'released', ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[4])
if ARGV[3] == '1' then
  redis.call('HDEL', KEYS[2], 'saved')
end
return 1
