-- A ranking is whole.
-- KEYS: as of put. ARGV: the filling; how long it counts as whole, and how long it is kept, in s.
if redis.call('GET', KEYS[4]) == ARGV[1] then
  redis.call('DEL', KEYS[4])
  redis.call('SET', KEYS[3], 1, 'EX', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  redis.call('EXPIRE', KEYS[2], ARGV[3])
end
return 1
