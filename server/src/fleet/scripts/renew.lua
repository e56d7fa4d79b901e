-- Keeps a room. Where the store has lost the lease it is put back, unless it was given up, or somebody
-- has had the room since.
-- KEYS: its lease, its state. ARGV: node, fence, lifetime of the lease in ms, of the state in s.
local lease = redis.call('GET', KEYS[1])
local fence = tonumber(redis.call('HGET', KEYS[2], 'fence') or '0')
if lease ~= ARGV[2] .. ' ' .. ARGV[1] then
  if redis.call('HGET', KEYS[2], 'released') == ARGV[2] then
    return 0
  end
  if fence > tonumber(ARGV[2]) or (lease and fence == tonumber(ARGV[2])) then
    return 0
  end
  redis.call('HSET', KEYS[2], 'fence', ARGV[2])
end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
