import { PRELUDE, QUEUE } from './redis-arithmetic.ts'

/** What Redis is asked, as Lua scripts over the arithmetic of `redis-arithmetic.ts`. */

/**
 * `RateLimiterRedis` hands a script a key and four integers: points = slots, secDuration = 1 + the longest wait in
 * milliseconds, the limiter's points = the most that it may grant, the limiter's duration = 1 for urgent, 2 for background.
 * Granted is `{slots, first wait, rate, whether its answer matters, wait, θ seller, θ application, …}`, refused is
 * `{points + 1, first wait}`, and when to ask again with a place in the queue; `{points + 1, -1}` says that Redis does not
 * have the plan.
 */
export const RESERVE = `${PRELUDE}${QUEUE}
local slots, longest, refused = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1, tonumber(ARGV[3]) + 1
local urgent = ARGV[4] == '1'
local levels = loadLevels()
if not levels then return { refused, -1 } end
for l, b in ipairs(levels) do b.ahead = urgent and b.tolerance or b.background end
if TICKET then
  local wait, again = queued(levels, longest, urgent)
  if wait then return { refused, math.ceil(wait), again and text(again) or '' } end
end
local times, theoretical = take(levels, slots)
local wait = times[1] - now
if not TICKET and wait > longest then return { refused, math.ceil(wait) } end
local answer, inDoubt = { slots, math.ceil(wait), exact(levels[1].rate) }, '0'
for l, b in ipairs(levels) do
  keepSlots(b)
  redis.call('HINCRBY', b.key, 'granted', slots)
  if b.doubt > 0 then inDoubt = '1' end
end
answer[4] = inDoubt
for i = 1, slots do
  answer[#answer + 1] = text(times[i] - now)
  answer[#answer + 1] = text(theoretical[1][i])
  answer[#answer + 1] = theoretical[2] and text(theoretical[2][i]) or ''
end
return answer
`

/** The ticket of the key has no place in the queue any more. */
export const LEAVE = `${PRELUDE}${QUEUE}
if redis.call('HEXISTS', KEY, 'queue') == 1 then keepQueue((join(redis.call('HGET', KEY, 'queue'), false))) end
return 1
`

/** ARGV: run id, how long ago the call arrived at the latest (see `arrivals.ts`), θ seller, θ application of its slot. */
export const ARRIVED = `${PRELUDE}
local levels = loadLevels()
if not levels or redis.call('HGET', KEY, 'run') ~= ARGV[1] then return -1 end
for l, b in ipairs(levels) do
  local at = tonumber(ARGV[2 + l])
  if at and b.doubt > 0 and math.abs(b.next - (at + b.period)) <= ROUNDING then
    b.next = math.min(b.next, math.max(at, now - tonumber(ARGV[2])) + b.period - b.doubt)
    b.doubt = 0
    keepSlots(b)
  end
end
return 1
`

/**
 * Makes the plan known. ARGV: run id, jitter, urgent share, spent ('' or milliseconds), learned rate or '', then rate and
 * burst of the seller's level and, with two levels, of the application's. A bucket that is new, that another run of
 * Redis left behind, or that is said to be spent starts with no burst, `spent` milliseconds from now.
 */
export const SETUP = `${PRELUDE}
local run, jitter, share, spent, learned = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local levels = (#ARGV - 5) / 2
local function setup(key, rate, burst, learnedRate)
  local old = redis.call('HMGET', key, 'plan_rate', 'burst', 'run', 'next')
  local changed = old[1] ~= rate or old[2] ~= burst
  if changed then
    redis.call('HSET', key, 'plan_rate', rate, 'burst', burst, 'learned', rate, 'target', rate, 'since', '0',
      'brake', '1', 'brake_until', '0', 'rejections', '')
  end
  redis.call('HSET', key, 'jitter', jitter, 'share', share, 'run', run, 'levels', levels)
  if not old[4] then redis.call('HSET', key, 'next', '0', 'period', exact(1000 / tonumber(rate)), 'free', '') end
  local b = load(key)
  if changed and learnedRate ~= '' then announce(b, tonumber(learnedRate)) b = load(key) end
  if not old[4] or old[3] ~= run or spent ~= '' then
    b.next = math.max(b.next, now + b.tolerance + (tonumber(spent) or 0))
    b.free, b.doubt = {}, 0
  end
  keepSlots(b)
end
setup(KEY, ARGV[6], ARGV[7], learned)
if levels == 2 then setup(applicationKey(), ARGV[8], ARGV[9], '') end
return 1
`

/** ARGV: the rate that a success announced. */
export const LEARN = `${PRELUDE}
local b = load(KEY)
if not b then return -1 end
if b.target ~= tonumber(ARGV[1]) then announce(b, tonumber(ARGV[1])) keepSlots(b) end
return 1
`

/** ARGV: how long to hold the seller's level in milliseconds, or '' for one slot; window in slots, count and least length of the brake. */
export const THROTTLE = `${PRELUDE}
local levels = loadLevels()
if not levels then return -1 end
for l, b in ipairs(levels) do
  local wait = l == 1 and tonumber(ARGV[1]) or 1000 / b.rate
  b.next = math.max(b.next + b.period, now + b.tolerance + wait)
  b.free, b.doubt = {}, 0
  keepSlots(b)
  redis.call('HINCRBY', b.key, 'throttled', 1)
  redis.call('HSET', b.key, 'throttled_at', text(now))
  local window = tonumber(ARGV[2]) * 1000 / announced(b)
  local recent = {}
  for at in string.gmatch(b.rejections, '%S+') do
    if now - tonumber(at) <= window then recent[#recent + 1] = at end
  end
  recent[#recent + 1] = text(now)
  if #recent < tonumber(ARGV[3]) then
    redis.call('HSET', b.key, 'rejections', table.concat(recent, ' '))
  else
    redis.call('HSET', b.key, 'rejections', '', 'brake', exact(math.max(SMALLEST_BRAKE, braked(b) / 2)),
      'brake_until', text(now + math.max(tonumber(ARGV[4]), window)))
  end
end
return 1
`

/** ARGV: run id, then θ seller, θ application of each slot. What another run of Redis gave is not taken back. */
export const GIVE_BACK = `${PRELUDE}
local levels = loadLevels()
if not levels or redis.call('HGET', KEY, 'run') ~= ARGV[1] then return -1 end
for l, b in ipairs(levels) do
  redis.call('HINCRBY', b.key, 'granted', -math.floor((#ARGV - 1) / 2))
  for i = 1 + l, #ARGV, 2 do
    local at = tonumber(ARGV[i])
    if at and at >= now and at < b.next and #b.free < MAX_FREE then b.free[#b.free + 1] = at end
  end
  table.sort(b.free)
  keepSlots(b)
end
return 1
`

/**
 * Answers `{wait of the next urgent slot, how many queue up, wait of a background caller who joins them}` and then of each
 * level `{rate, plan's rate, burst, tokens, announced rate, brake, slots granted, 429s, ms since the latest one or ''}`.
 */
export const STATE = `${PRELUDE}${QUEUE}
local levels = loadLevels()
if not levels then return -1 end
for l, b in ipairs(levels) do b.ahead = b.background end
local others, rank = join(redis.call('HGET', KEY, 'queue'), false)
local joined = take(copied(levels), rank + 1)[rank + 1] - now
for l, b in ipairs(levels) do b.ahead = b.tolerance end
local answer = { text(take(copied(levels), 1)[1] - now), #others, text(joined) }
for l, b in ipairs(levels) do
  local tokens = math.max(0, 1 + (b.tolerance - (b.next - now)) / b.period) + #b.free
  local ago = b.throttledAt and text(math.max(0, now - tonumber(b.throttledAt))) or ''
  for i, value in ipairs({ exact(b.rate), exact(b.planRate), exact(b.burst), text(tokens), exact(b.target),
    exact(braked(b)), b.granted, b.throttled, ago }) do answer[#answer + 1] = value end
end
return answer
`

/**
 * A place among the processes that share an application's operation: fields `member:0`, `member:1` and so on of the
 * application's level, `token,until`. ARGV: token, run id, count, lease in milliseconds (0 gives the place back), the index
 * that the process had ('' when none). Answers `{index or -1, Redis' time}`.
 *
 * A Redis that was restarted may have forgotten places whose holders count on them: until a lease has passed, only those
 * who had a place get one.
 */
export const MEMBER = `${PRELUDE}
local token, run, count, lease, had = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
-- A lease that ends later than this is of a clock that was set back since.
local LONGEST_LEASE = 60000
local key = applicationKey()
local known = redis.call('HMGET', key, 'members_run', 'members_since')
if known[1] ~= run then
  known[2] = text(now)
  redis.call('HSET', key, 'members_run', run, 'members_since', known[2])
end
if tonumber(known[2]) > now then known[2] = text(now) redis.call('HSET', key, 'members_since', known[2]) end
local settled = now - tonumber(known[2]) >= lease
local own, free, hadFree
for index = 0, count - 1 do
  local owner, till = string.match(redis.call('HGET', key, 'member:' .. index) or '', '^(%S+),(%S+)$')
  if owner == token then own = own or index
  elseif not owner or tonumber(till) < now or tonumber(till) > now + lease + LONGEST_LEASE then
    free = free or index
    if index == had then hadFree = index end
  end
end
if lease == 0 then
  if own then redis.call('HDEL', key, 'member:' .. own) end
  return { -1, text(now) }
end
local index = own or hadFree or (settled and free or nil)
if index then redis.call('HSET', key, 'member:' .. index, token .. ',' .. text(now + lease)) end
redis.call('PEXPIRE', key, KEEP)
return { index or -1, text(now) }
`
