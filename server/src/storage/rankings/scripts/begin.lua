-- Begins to fill a ranking anew.
-- KEYS: as of put. ARGV: the filling, how long it may take in ms.
if not redis.call('SET', KEYS[4], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 0
end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
return 1
