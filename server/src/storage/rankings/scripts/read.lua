-- A part of a ranking.
-- KEYS: its order, its sums, whether it is whole. ARGV: most entries; the player behind whom it begins and its score, or
-- nobody; the player whose own entry is wanted, or nobody.
if redis.call('EXISTS', KEYS[3]) == 0 then
  return {0, 0, '', {}}
end
local function sum(player)
  return redis.call('HGET', KEYS[2], player) or ''
end
local start = 0
if ARGV[2] ~= '' then
  local rank = redis.call('ZREVRANK', KEYS[1], ARGV[2])
  if not rank or sum(ARGV[2]):match('^%d+ %d+ (%-?%d+) ') ~= ARGV[3] then
    return {0, 0, '', {}}
  end
  start = rank + 1
end
local own = ARGV[4] ~= '' and redis.call('ZREVRANK', KEYS[1], ARGV[4])
local part = {}
for _, player in ipairs(redis.call('ZREVRANGE', KEYS[1], start, start + ARGV[1] - 1)) do
  part[#part + 1] = player
  part[#part + 1] = sum(player)
end
return {1, own and own + 1 or 0, own and sum(ARGV[4]) or '', part}
