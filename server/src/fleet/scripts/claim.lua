-- Asks for a room. Its number is the time, so that a store that was emptied gives out no lower one than before.
-- KEYS: its lease, its state. ARGV: node, lifetime of the lease in ms, of the state in s.
local lease = redis.call('GET', KEYS[1])
if lease then
  return {0, lease:match('^%d+ (.*)$')}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fence = math.max(now, tonumber(redis.call('HGET', KEYS[2], 'fence') or '0') + 1)
local number = string.format('%.0f', fence)
redis.call('HSET', KEYS[2], 'fence', number)
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], number .. ' ' .. ARGV[1], 'PX', ARGV[2])
return {fence, redis.call('HGET', KEYS[2], 'saved')}
