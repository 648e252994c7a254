import { LONGEST_FILL_MS } from './plan.ts'
import { ABSENT_MS, LEAD_MS, RETRY_MS } from './queue.ts'

/**
 * The bucket's arithmetic as Lua, the twin of `plan.ts`, `learning.ts`, `slots.ts` and `queue.ts`: a change in one is a
 * change in the other, and `contract.ts` runs on both. Times are milliseconds of Redis' own clock, with fractions.
 *
 * One hash per level holds plan, what was learned and slots; the seller's holds the queue as well. `KEYS[1]` names the
 * seller's, with `#` and a ticket behind it when one asks; the application's is what stands before its last colon. All
 * share a hash tag, so that a Redis cluster keeps them together.
 */

export const PRELUDE = `
local KEY, TICKET = string.match(KEYS[1], '^(.*)#([^#:]+)$')
KEY = KEY or KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local MINUTE, KEEP, LONGEST_FILL = 60000, 604800000, ${LONGEST_FILL_MS}
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
  if b.share > 0 and burst >= 2 then
    kept = math.min(burst - 1, math.max(1, b.share * burst), LONGEST_FILL / b.newPeriod)
  end
  if kept < 1 then kept = 0 end
  b.background = b.tolerance - kept * b.newPeriod
end

local function text(n) return string.format('%.3f', n) end
local function exact(n) return string.format('%.17g', n) end

-- A clock that was set back: no time has passed since the bucket was kept, and all its times move back with it.
local function stepBack(b)
  local step = b.seen - now
  if step <= 1 then return end
  local function earlier(at) return text(tonumber(at) - step) end
  b.next, b.since, b.brakeUntil, b.seen = b.next - step, b.since - step, b.brakeUntil - step, now
  b.freeText, b.rejections = string.gsub(b.freeText, '%S+', earlier), string.gsub(b.rejections, '%S+', earlier)
  redis.call('HSET', b.key, 'next', text(b.next), 'free', b.freeText, 'seen', text(now), 'since', text(b.since),
    'brake_until', text(b.brakeUntil), 'rejections', b.rejections)
  local queue = redis.call('HGET', b.key, 'queue')
  if not queue then return end
  local moved = string.gsub(queue, '(,[01],)(%S+)', function(place, at) return place .. earlier(at) end)
  redis.call('HSET', b.key, 'queue', moved)
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
    'brake', 'brake_until', 'rejections', 'next', 'period', 'free', 'levels', 'doubt', 'seen', 'granted',
    'throttled', 'throttled_at')
  if not v[1] or not v[11] then return nil end
  local b = { key = key, planRate = tonumber(v[1]), burst = tonumber(v[2]), jitter = tonumber(v[3]),
    share = tonumber(v[4]), learned = tonumber(v[5]), target = tonumber(v[6]), since = tonumber(v[7]),
    brake = tonumber(v[8]), brakeUntil = tonumber(v[9]), rejections = v[10], next = tonumber(v[11]),
    period = tonumber(v[12]), freeText = v[13], levels = v[14], doubt = tonumber(v[15] or '0'),
    seen = tonumber(v[16] or '0'), granted = v[17] or '0', throttled = v[18] or '0', throttledAt = v[19] }
  stepBack(b)
  b.rate = announced(b) * braked(b)
  pace(b)
  settle(b)
  return b
end

local function keepSlots(b)
  local free = {}
  for i, at in ipairs(b.free) do free[i] = text(at) end
  redis.call('HSET', b.key, 'next', text(b.next), 'period', exact(b.period), 'free', table.concat(free, ' '),
    'doubt', text(b.doubt), 'seen', text(now))
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
export const QUEUE = `
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
