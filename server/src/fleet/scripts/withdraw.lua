-- A node is gone, and its rooms are open no more.
-- KEYS: as of announce. ARGV: name, process.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known and known:match('^(%d+) ') == ARGV[2] then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  for _, room in ipairs(redis.call('SMEMBERS', KEYS[5])) do
    redis.call('ZREM', KEYS[3], room)
    redis.call('HDEL', KEYS[4], room)
  end
  redis.call('DEL', KEYS[5])
end
return 1
