import { ABSENT_MS, LEAD_MS, RETRY_MS } from './queue.ts'

/**
 * The bucket's arithmetic as Lua, the twin of `plan.ts`, `learning.ts`, `slots.ts` and `queue.ts`: a change in one is a
 * change in the other, and `contract.ts` runs on both. Times are milliseconds of Redis' own clock, with fractions.
 *
 * One hash per level holds plan, what was learned and slots; the seller's holds the queue as well. `KEYS[1]` names the
 * seller's, with `#` and a ticket behind it when one asks; the application's is what stands before its last colon. All
 * share a hash tag, so that a Redis cluster keeps them together.
 */

const PRELUDE = `
local KEY, TICKET = string.match(KEYS[1], '^(.*)#([^#:]+)$')
KEY = KEY or KEYS[1]
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
    b.newDoubt = b.burst < 2 and b.jitter or 0
    return
  end
  b.newPeriod, b.newDoubt = 1 / perMs, 0
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
  if b.next > now then b.next = at(b.next) else b.next, b.doubt = now, 0 end
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
    'brake', 'brake_until', 'rejections', 'next', 'period', 'free', 'levels', 'doubt')
  if not v[1] or not v[11] then return nil end
  local b = { key = key, planRate = tonumber(v[1]), burst = tonumber(v[2]), jitter = tonumber(v[3]),
    share = tonumber(v[4]), learned = tonumber(v[5]), target = tonumber(v[6]), since = tonumber(v[7]),
    brake = tonumber(v[8]), brakeUntil = tonumber(v[9]), rejections = v[10], next = tonumber(v[11]),
    period = tonumber(v[12]), freeText = v[13], levels = v[14], doubt = tonumber(v[15] or '0') }
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
  redis.call('HSET', b.key, 'next', text(b.next), 'period', exact(b.period), 'free', table.concat(free, ' '),
    'doubt', text(b.doubt))
  redis.call('PEXPIRE', b.key, KEEP)
end

local function applicationKey() return string.match(KEY, '^(.*):[^:]*$') end
local function loadLevels()
  local seller = load(KEY)
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
      if where[l] then table.remove(b.free, where[l]) else b.next, b.doubt = from[l] + b.period, b.newDoubt end
    end
  end
  return times, theoretical
end
local function copied(levels)
  local copies = {}
  for l, b in ipairs(levels) do
    local free = {}
    for i, at in ipairs(b.free) do free[i] = at end
    copies[l] = { next = b.next, period = b.period, free = free, ahead = b.ahead }
  end
  return copies
end

local function announce(b, rate)
  local current = announced(b)
  redis.call('HSET', b.key, 'learned', exact(math.min(current, rate)), 'target', exact(rate), 'since', text(now))
end
`

/** The queue of `queue.ts` as it stands in its field: `ticket,urgent,asks at`, one after the other. */
const QUEUE = `
local ABSENT, LEAD, RETRY = ${ABSENT_MS}, ${LEAD_MS}, ${RETRY_MS}
local function join(queue, urgent)
  local others, known, present, ahead = {}, nil, 0, 0
  for place, ticket, first, at in string.gmatch(queue or '', '((%S+),([01]),(%S+))') do
    if ticket == TICKET then known, present = present, present + 1
    elseif tonumber(at) + ABSENT >= now then
      others[#others + 1], present = place, present + 1
      if first == '1' then ahead = ahead + 1 end
    end
  end
  return others, known or (urgent and ahead or present)
end
local function keepQueue(places) redis.call('HSET', KEY, 'queue', table.concat(places, ' ')) end

-- Nil when the caller's slot is due; else its wait, and when to ask again unless it is too far away.
local function queued(levels, longest, urgent)
  local others, rank = join(redis.call('HGET', KEY, 'queue'), urgent)
  local seller, inDoubt = levels[1], false
  for l, b in ipairs(levels) do if b.doubt > 0 then inDoubt = true end end
  local slotAt = take(copied(levels), rank + 1)[rank + 1] - now
  local wait = math.max(0, slotAt - seller.doubt - rank * seller.newDoubt)
  if wait > longest then keepQueue(others) return wait end
  local lead = math.min(LEAD, (seller.period - seller.newDoubt) / 4)
  if slotAt <= (inDoubt and 0 or lead) then keepQueue(others) return nil end
  local again = inDoubt and math.max(math.min(RETRY, slotAt), wait) or math.max(1, wait - lead)
  table.insert(others, rank + 1, TICKET .. ',' .. (urgent and '1' or '0') .. ',' .. text(now + again))
  keepQueue(others)
  redis.call('PEXPIRE', KEY, KEEP)
  return wait, again
end
`

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
local key = applicationKey()
local known = redis.call('HMGET', key, 'members_run', 'members_since')
if known[1] ~= run then
  known[2] = text(now)
  redis.call('HSET', key, 'members_run', run, 'members_since', known[2])
end
local settled = now - tonumber(known[2]) >= lease
local own, free, hadFree
for index = 0, count - 1 do
  local owner, till = string.match(redis.call('HGET', key, 'member:' .. index) or '', '^(%S+),(%S+)$')
  if owner == token then own = own or index
  elseif not owner or tonumber(till) < now then
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
