/**
 * The bucket's arithmetic as Lua, the twin of `plan.ts`, `learning.ts` and `slots.ts`: a change in one is a change in
 * the other, and `contract.ts` runs on both. Times are milliseconds of Redis' own clock, with fractions.
 *
 * One hash per level holds plan, what was learned and slots. `KEYS[1]` is the seller's; the application's is what stands
 * before its last colon, and both share a hash tag, so that a Redis cluster keeps them together.
 */

const PRELUDE = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local MINUTE, KEEP = 60000, 604800000
local CLOCK_MARGIN, RAISE, SMALLEST_BRAKE, MAX_FREE, ROUNDING = 0.999, 1.05, 1 / 16, 1000, 0.01

local function announced(b)
  if b.learned >= b.target then return b.target end
  return math.min(b.target, b.learned * RAISE ^ (math.max(0, now - b.since) / MINUTE))
end
local function braked(b)
  if now <= b.brakeUntil then return b.brake end
  return math.min(1, b.brake * 2 ^ ((now - b.brakeUntil) / MINUTE))
end

local function pace(b)
  local perMs = b.rate * CLOCK_MARGIN / 1000
  local burst = b.burst - perMs * b.jitter
  if burst < 1 then
    local whole = math.floor(b.burst)
    b.newPeriod, b.tolerance, b.background = ((whole + 1 - b.burst) / perMs + b.jitter) / whole, 0, 0
    return
  end
  b.newPeriod = 1 / perMs
  b.tolerance = (burst - 1) * b.newPeriod
  local kept = 0
  if b.share > 0 and burst >= 2 then kept = math.min(burst - 1, math.max(1, b.share * burst)) end
  b.background = b.tolerance - kept * b.newPeriod
end

local function settle(b)
  local stretch = math.max(1, b.newPeriod / b.period)
  local function at(theoretical)
    if stretch == 1 then return theoretical end
    return now + (theoretical - now) * stretch
  end
  if b.next > now then b.next = at(b.next) else b.next = now end
  b.period = b.newPeriod
  local free = {}
  for theoretical in string.gmatch(b.freeText, '%S+') do
    theoretical = tonumber(theoretical)
    if theoretical >= now then free[#free + 1] = at(theoretical) end
  end
  b.free = free
end

local function load(key)
  local v = redis.call('HMGET', key, 'plan_rate', 'burst', 'jitter', 'share', 'learned', 'target', 'since',
    'brake', 'brake_until', 'rejections', 'next', 'period', 'free', 'levels')
  if not v[1] or not v[11] then return nil end
  local b = { key = key, planRate = tonumber(v[1]), burst = tonumber(v[2]), jitter = tonumber(v[3]),
    share = tonumber(v[4]), learned = tonumber(v[5]), target = tonumber(v[6]), since = tonumber(v[7]),
    brake = tonumber(v[8]), brakeUntil = tonumber(v[9]), rejections = v[10], next = tonumber(v[11]),
    period = tonumber(v[12]), freeText = v[13], levels = v[14] }
  b.rate = announced(b) * braked(b)
  pace(b)
  settle(b)
  return b
end

local function text(n) return string.format('%.3f', n) end
local function exact(n) return string.format('%.17g', n) end

local function keepSlots(b)
  local free = {}
  for i, at in ipairs(b.free) do free[i] = text(at) end
  redis.call('HSET', b.key, 'next', text(b.next), 'period', exact(b.period), 'free', table.concat(free, ' '))
  redis.call('PEXPIRE', b.key, KEEP)
end

local function applicationKey() return string.match(KEYS[1], '^(.*):[^:]*$') end
local function loadLevels()
  local seller = load(KEYS[1])
  if not seller then return nil end
  if seller.levels == '1' then return { seller } end
  local application = load(applicationKey())
  if not application then return nil end
  return { seller, application }
end

local function take(levels, count)
  local time, times, theoretical = now, {}, {}
  for l = 1, #levels do theoretical[l] = {} end
  for i = 1, count do
    local from, where, agreed
    repeat
      from, where, agreed = {}, {}, true
      for l, b in ipairs(levels) do
        from[l] = math.max(b.next, time)
        for f, at in ipairs(b.free) do
          if at >= time - ROUNDING then from[l], where[l] = at, f break end
        end
        time = math.max(time, from[l] - b.ahead)
      end
      for l = 1, #levels do if from[l] < time - ROUNDING then agreed = false end end
    until agreed
    times[i] = time
    for l, b in ipairs(levels) do
      theoretical[l][i] = from[l]
      if where[l] then table.remove(b.free, where[l]) else b.next = from[l] + b.period end
    end
  end
  return times, theoretical
end

local function announce(b, rate)
  local current = announced(b)
  redis.call('HSET', b.key, 'learned', exact(math.min(current, rate)), 'target', exact(rate), 'since', text(now))
end
`

/**
 * `RateLimiterRedis` hands a script four integers and nothing else: points = slots, secDuration = 1 + the longest wait in
 * milliseconds, the limiter's points = the most that it may grant, the limiter's duration = 1 for urgent, 2 for background.
 * Granted is `{slots, first wait, rate, wait, θ seller, θ application, …}`, refused is `{points + 1, first wait}`, and
 * `{points + 1, -1}` says that Redis does not have the plan.
 */
export const RESERVE = `${PRELUDE}
local slots, longest, refused = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1, tonumber(ARGV[3]) + 1
local levels = loadLevels()
if not levels then return { refused, -1 } end
for l, b in ipairs(levels) do b.ahead = ARGV[4] == '1' and b.tolerance or b.background end
local times, theoretical = take(levels, slots)
local wait = times[1] - now
if wait > longest then return { refused, math.ceil(wait) } end
for l, b in ipairs(levels) do keepSlots(b) end
local answer = { slots, math.ceil(wait), exact(levels[1].rate) }
for i = 1, slots do
  answer[#answer + 1] = text(times[i] - now)
  answer[#answer + 1] = text(theoretical[1][i])
  answer[#answer + 1] = theoretical[2] and text(theoretical[2][i]) or ''
end
return answer
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
    b.free = {}
  end
  keepSlots(b)
end
setup(KEYS[1], ARGV[6], ARGV[7], learned)
if levels == 2 then setup(applicationKey(), ARGV[8], ARGV[9], '') end
return 1
`

/** ARGV: the rate that a success announced. */
export const LEARN = `${PRELUDE}
local b = load(KEYS[1])
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
  b.free = {}
  keepSlots(b)
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
if not levels or redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return -1 end
for l, b in ipairs(levels) do
  for i = 1 + l, #ARGV, 2 do
    local at = tonumber(ARGV[i])
    if at and at >= now and at < b.next and #b.free < MAX_FREE then b.free[#b.free + 1] = at end
  end
  table.sort(b.free)
  keepSlots(b)
end
return 1
`

/** Answers `{rate, wait of the next urgent slot}`. */
export const STATE = `${PRELUDE}
local levels = loadLevels()
if not levels then return -1 end
for l, b in ipairs(levels) do b.ahead = b.tolerance end
local times = take(levels, 1)
return { exact(levels[1].rate), text(times[1] - now) }
`
