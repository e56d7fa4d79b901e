-- How many milliseconds ago the store began, or was emptied last.
-- KEYS: when it began.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', now), 'NX')
return math.floor(now - tonumber(redis.call('GET', KEYS[1])))
