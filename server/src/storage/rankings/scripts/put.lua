-- Takes sums that are newer than what is there.
-- KEYS: the ranking's order, its sums, whether it is whole, who fills it. ARGV: the filling, or nothing; how long it may
-- take in ms; then player, games, games won, score and name of each.
local filling = redis.call('GET', KEYS[4])
if ARGV[1] == '' then
  if not filling and redis.call('EXISTS', KEYS[3]) == 0 then
    return 0
  end
elseif filling ~= ARGV[1] then
  return 0
else
  redis.call('PEXPIRE', KEYS[4], ARGV[2])
end
for at = 3, #ARGV, 5 do
  local player, games = ARGV[at], ARGV[at + 1]
  local known = (redis.call('HGET', KEYS[2], player) or '-1 '):match('^(%-?%d+) ')
  if tonumber(known) <= tonumber(games) then
    redis.call('HSET', KEYS[2], player, games .. ' ' .. ARGV[at + 2] .. ' ' .. ARGV[at + 3] .. ' ' .. ARGV[at + 4])
    redis.call('ZADD', KEYS[1], ARGV[at + 3], player)
  end
end
return 1
