-- Forgets a player for good.
-- KEYS: as of put. ARGV: the player; how long a ranking is kept in s.
if redis.call('EXISTS', KEYS[3], KEYS[4]) > 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  -- More games than anybody can have: nothing that comes later is newer.
  redis.call('HSET', KEYS[2], ARGV[1], '9007199254740991 0 0 ')
  redis.call('EXPIRE', KEYS[2], ARGV[2])
  redis.call('DEL', KEYS[4])
end
return 1
