-- The records of the nodes that are there; forgets those that have long been gone.
-- KEYS: nodes. ARGV: milliseconds after its end for which a record is kept.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all, there = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #all, 2 do
  local until_ms, record = all[at + 1]:match('^%d+ (%d+) (.*)$')
  until_ms = tonumber(until_ms or 0)
  if record and until_ms > now then
    there[#there + 1] = record
  elseif until_ms + ARGV[1] < now then
    redis.call('HDEL', KEYS[1], all[at])
  end
end
return there
