-- Saves how a room stands, where it is the node's still.
-- KEYS: its lease, its state. ARGV: node, fence, content, lifetime of the state in s.
if redis.call('GET', KEYS[1]) ~= ARGV[2] .. ' ' .. ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[2], 'fence', ARGV[2], 'saved', ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
