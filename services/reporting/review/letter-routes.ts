import type Router from '@koa/router'
import { z } from 'zod'
import type { Database } from '#libs/db/database.ts'
import { EventLogError } from '#libs/event-log/port.ts'
import {
  idOf,
  type LetterChoice,
  type Letters,
  letterCause,
  NoSuchLetter,
  originTopics,
  placeOf,
  placeText,
  type ReadExtent,
  readLetters,
  readPlaces,
  redriveLetters,
  redrivesOf,
} from '#libs/service/dead-letters.ts'
import { parseDuration } from '#libs/service/duration.ts'
import { type FieldError, Problem } from '#libs/service/problem.ts'
import type { DeadLetter } from '#libs/stream/dead-letter-redrive.ts'
import { readQuery } from '../query.ts'
import { recordAction } from './audited.ts'
import { oneOf, readBodyAs, throwIfAny } from './request.ts'

export interface LetterRoutes {
  readonly db: Database
  /** Opens the log and the codec; null while there is no log, which looking is not to make. */
  readonly letters: () => Promise<Letters | null>
}

const PATH = '/api/review/dead-letters'

/** Records of each partition that a request looks at, from the newest on. */
const NEWEST = 10_000
/** Letters that one request brings back at most. */
const MOST_REDRIVEN = 10_000
const MOST_LEFT = 200
const MOST_GROUPS = 100

const since = z.string().regex(/^[1-9]\d{0,3}(m|h|d)$/, 'must be a duration such as 30m, 2h or 7d')
const topic = z.enum(originTopics as [string, ...string[]])
const place = z.string().regex(/^\d{1,9}:\d{1,18}$/, 'must be a place such as 0:17')

const redriveFilterSchema = z.strictObject({
  topic: topic.optional().describe('where they came from'),
  group: z.string().min(1).optional().describe('who rejected them'),
  cause: z.string().min(1).optional().describe('as the groups name it'),
  since: since.optional(),
})
export const redriveSchema = z
  .strictObject({
    places: z.array(place).min(1).max(1_000).optional(),
    filter: redriveFilterSchema.optional(),
    /** Also those that were brought back before. */
    again: z.boolean().default(false),
    /** Also those that can still not be decoded. */
    undecodable: z.boolean().default(false),
    /** Only say what would be done. */
    dryRun: z.boolean().default(false),
    note: z.string().trim().max(500, 'may have 500 characters').optional(),
  })
  // For the published schema; the route says it in words.
  .meta({ oneOf: [{ required: ['places'] }, { required: ['filter'] }] })
const known = {
  '': Object.keys(redriveSchema.shape),
  filter: Object.keys(redriveFilterSchema.shape),
}

/** Records that nobody could use: look at the newest, by cause, and bring them back. */
export function addLetterRoutes(router: Router, { letters }: LetterRoutes): void {
  router.get(PATH, async (ctx) => {
    const query = readQuery(ctx, ['topic', 'group', 'cause', 'since', 'redriven'])
    const errors: FieldError[] = []
    if (query.cursor !== undefined)
      errors.push({
        field: 'cursor',
        message: 'this list has one page: narrow it by topic, group, cause or since',
      })
    const one = (name: string): string | undefined => {
      const [value, ...more] = query.all(name) ?? []
      if (more.length > 0) errors.push({ field: name, message: 'may be given once' })
      return value
    }
    const redriven = oneOf(query, 'redriven', ['any', 'yes', 'no'], errors) ?? 'any'
    const choice = toChoice(
      { topic: one('topic'), group: one('group'), cause: one('cause'), since: one('since') },
      errors,
    )
    throwIfAny(errors)
    const opened = await letters()
    if (opened === null) {
      ctx.body = { items: [], groups: [], groupsOmitted: 0, read: { records: 0, of: 0, complete: true } }
      return
    }
    const { db, log } = opened
    const extent: ReadExtent = { records: 0, of: 0 }
    const groups = new Map<string, Group>()
    let newest: Letter[] = []
    const add = async (batch: readonly DeadLetter[]): Promise<void> => {
      const before = await redrivesOf(db, batch)
      for (const letter of batch) {
        const again = before.get(idOf(letter))
        if (redriven !== 'any' && (again !== undefined) !== (redriven === 'yes')) continue
        addToGroup(groups, letter)
        newest.push(toLetter(letter, again?.lastAt ?? null))
      }
      newest = newestOf(newest, query.limit)
    }
    let batch: DeadLetter[] = []
    await readable(async () => {
      for await (const letter of readLetters(log, choice, { newest: NEWEST, extent })) {
        batch.push(letter)
        if (batch.length < 500) continue
        await add(batch)
        batch = []
      }
      if (batch.length > 0) await add(batch)
    })
    const all = [...groups.values()].sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1))
    ctx.body = {
      items: newest,
      groups: all.slice(0, MOST_GROUPS),
      groupsOmitted: Math.max(0, all.length - MOST_GROUPS),
      read: { ...extent, complete: extent.of <= NEWEST },
    }
  })

  router.post(`${PATH}/redrive`, async (ctx) => {
    readQuery(ctx, [])
    const body = await readBodyAs(ctx, redriveSchema, known)
    const { places, filter, again, undecodable, dryRun } = body
    const errors: FieldError[] = []
    if ((places === undefined) === (filter === undefined))
      errors.push({ field: 'places', message: 'must name letters; or give a filter, {} for all' })
    const choice = toChoice(filter ?? {}, errors)
    throwIfAny(errors)
    const opened = await letters()
    if (opened === null) throw noLog()
    const extent: ReadExtent = { records: 0, of: 0 }
    let complete = true
    const chosen = async function* (): AsyncGenerator<DeadLetter> {
      if (places)
        return yield* await readPlaces(
          opened.log,
          places.map(placeOf).filter((one) => one !== null),
        )
      let n = 0
      for await (const letter of readLetters(opened.log, choice, { newest: NEWEST, extent })) {
        if (n++ === MOST_REDRIVEN) {
          complete = false
          return
        }
        yield letter
      }
    }
    const report = await readable(() =>
      redriveLetters(opened, chosen(), {
        again,
        undecodable,
        dryRun,
        alsoWrite: (tx, batch) =>
          recordAction(ctx, tx, 'dead-letters.redrive', {
            ...(places ? { places } : { filter }),
            count: batch.length,
            again,
            undecodable,
            ...(body.note && { note: body.note }),
            letters: batch.slice(0, 100).map(({ record }) => placeText(record)),
          }),
      }),
    )
    ctx.body = {
      dryRun,
      chosen: report.chosen,
      redriven: report.redriven,
      left: report.left.slice(0, MOST_LEFT),
      leftOmitted: Math.max(0, report.left.length - MOST_LEFT),
      complete: complete && (places !== undefined || extent.of <= NEWEST),
    }
  })
}

type Letter = ReturnType<typeof toLetter>

function toLetter(letter: DeadLetter, redrivenAt: Date | null) {
  const { record, origin, group, reason, at } = letter
  return {
    place: placeText(record),
    partition: record.partition,
    offset: String(record.offset),
    origin:
      origin === null
        ? null
        : { topic: origin.topic, partition: origin.partition, offset: String(origin.offset) },
    group,
    cause: letterCause(letter),
    reason,
    at: new Date(at).toISOString(),
    bytes: (record.key?.length ?? 0) + (record.value?.length ?? 0),
    redrivenBefore: letter.redriven,
    redrivenAt: redrivenAt?.toISOString() ?? null,
    loggedAt: new Date(record.timestamp).toISOString(),
  }
}

const newestOf = (letters: readonly Letter[], limit: number): Letter[] =>
  letters.toSorted((a, b) => (a.loggedAt < b.loggedAt ? 1 : a.loggedAt > b.loggedAt ? -1 : 0)).slice(0, limit)

interface Group {
  readonly topic: string | null
  readonly group: string | null
  readonly cause: string
  count: number
  firstAt: string
  lastAt: string
  /** The place of the newest one. */
  sample: string
}

function addToGroup(groups: Map<string, Group>, letter: DeadLetter): void {
  const { origin, group, record, at } = letter
  const cause = letterCause(letter)
  const key = JSON.stringify([origin?.topic, group, cause])
  const time = new Date(at).toISOString()
  const found = groups.get(key)
  if (found === undefined) {
    const topic = origin?.topic ?? null
    groups.set(key, { topic, group, cause, count: 1, firstAt: time, lastAt: time, sample: placeText(record) })
    return
  }
  found.count++
  if (time < found.firstAt) found.firstAt = time
  if (time >= found.lastAt) Object.assign(found, { lastAt: time, sample: placeText(record) })
}

function toChoice(
  given: Readonly<Partial<Record<'topic' | 'group' | 'cause' | 'since', string | undefined>>>,
  errors: FieldError[],
): LetterChoice {
  const ageMs = given.since === undefined ? undefined : parseDuration(given.since)
  if (ageMs === null || (given.since !== undefined && !since.safeParse(given.since).success))
    errors.push({ field: 'since', message: 'must be a duration such as 30m, 2h or 7d' })
  if (given.topic !== undefined && !originTopics.includes(given.topic))
    errors.push({ field: 'topic', message: `must be one of ${originTopics.join(', ')}` })
  return {
    ...(given.topic !== undefined && { topic: given.topic }),
    ...(given.group !== undefined && { group: given.group }),
    ...(given.cause !== undefined && { cause: given.cause }),
    ...(ageMs != null && { ageMs }),
  }
}

/** What the log says in words of the API. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof NoSuchLetter) throw new Problem('not-found', error.message, { cause: error })
    if (!(error instanceof EventLogError)) throw error
    if (error.code === 'UNKNOWN_TOPIC') throw noLog()
    throw new Problem('unavailable', `the event log does not answer: ${error.message}`, {
      headers: { 'retry-after': '5' },
      cause: error,
    })
  }
}

const noLog = (): Problem =>
  new Problem('not-found', 'there are no dead letters: the event log has no such topic yet')
