-- Gives a room up.
-- KEYS: its lease, its state. ARGV: node, fence, 1 where nothing is left of it.
if redis.call('GET', KEYS[1]) ~= ARGV[2] .. ' ' .. ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[1])
if ARGV[3] == '1' then
  redis.call('HDEL', KEYS[2], 'saved')
end
return 1
