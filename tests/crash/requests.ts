/**
 * What a write to a socket asks for, told from its bytes alone: which I/O step of a service it is, in words that a report
 * can show, and whether it belongs to the work or to what goes on by itself (heartbeats, polls, metadata).
 */

import { topics } from '#schemas/topics.ts'

/** Who is at the other end of a connection. `client` is whoever called the service. */
export type Peer = 'postgres' | 'kafka' | 'redis' | 'registry' | 'amazon' | 'client'

export interface Request {
  readonly peer: Peer
  /** Such as `commit`, `update product_syncs`, `Produce catalog.sync-results` or `GET /catalog/2022-04-01/items`. */
  readonly what: string
  /** Kafka's number of the request, by which its answer is known. */
  readonly correlationId?: number
}

/** Whether the request by itself changes what others see: a question does not, nor does a statement that waits for its commit. */
export function isVisible({ peer, what }: Request, inTransaction: boolean): boolean {
  switch (peer) {
    case 'postgres':
      return what === 'commit' || (!inTransaction && !QUIET_SQL.test(what))
    case 'kafka':
      return !['FindCoordinator', 'ListOffsets', 'OffsetFetch'].includes(what)
    case 'registry':
      return false
    default:
      return true
  }
}

const QUIET_SQL = /^(connect|disconnect|begin|rollback|listen|select(?! (pg_|… "event_log"\.append)))/

/** Undefined for what is no step of the work, and for the rest of a request that came in pieces. */
export function requestOf(peer: Peer, bytes: Buffer): Request | undefined {
  switch (peer) {
    case 'postgres':
      return named(peer, postgresRequest(bytes))
    case 'kafka':
      return kafkaRequest(bytes)
    case 'redis':
      return named(peer, redisRequest(bytes))
    case 'client':
      return named(peer, /^HTTP\/1\.1 (\d{3})/.exec(bytes.toString('latin1', 0, 12))?.[0])
    default:
      return named(peer, /^[A-Z]+ [^ ?]+/.exec(bytes.toString('latin1', 0, 200))?.[0])
  }
}

const named = (peer: Peer, what: string | undefined): Request | undefined =>
  what === undefined ? undefined : { peer, what }

/** Polls and heartbeats of the log in PostgreSQL. */
const IDLE_SQL = /^select g\.generation, r\.\*|^update "event_log"\.members set expires_at/

/** Frontend messages (PostgreSQL manual, 54.7): `Q` and `P` carry a statement; the start of a connection has no type. */
function postgresRequest(bytes: Buffer): string | undefined {
  switch (String.fromCharCode(bytes[0] ?? 0)) {
    case '\0':
      return 'connect'
    case 'X':
      return 'disconnect'
    case 'Q':
      return statement(bytes.toString('utf8', 5, 4_000))
    case 'P':
      return statement(bytes.toString('utf8', bytes.indexOf(0, 5) + 1, 4_000))
    default:
      return undefined
  }
}

function statement(text: string): string | undefined {
  const sql = (text.split('\0')[0] ?? '').trim().replace(/\s+/g, ' ')
  if (IDLE_SQL.test(sql)) return undefined
  const verb = sql.split(' ')[0] ?? ''
  const target =
    /\b(?:insert into|update|delete from) ([\w."]+)/.exec(sql)?.[0] ??
    /"event_log"\.(?:append|offset_at)\b/.exec(sql)?.[0] ??
    /\bfrom ([\w."]+)/.exec(sql)?.[0]
  return target === undefined || target.startsWith(verb)
    ? (target ?? sql.slice(0, 40))
    : `${verb} … ${target}`
}

/** Kafka's protocol guide, "Api keys"; those that are left out are heartbeats, fetches and questions about the cluster. */
const KAFKA_APIS: Readonly<Record<number, string>> = {
  0: 'Produce',
  2: 'ListOffsets',
  8: 'OffsetCommit',
  9: 'OffsetFetch',
  10: 'FindCoordinator',
  11: 'JoinGroup',
  13: 'LeaveGroup',
  14: 'SyncGroup',
  22: 'InitProducerId',
}
const TOPICS = topics.map(({ name }) => name)

/** A request begins with its size (4 bytes), api key (2), api version (2) and correlation id (4). */
function kafkaRequest(bytes: Buffer): Request | undefined {
  if (bytes.length < 12) return undefined
  const api = KAFKA_APIS[bytes.readInt16BE(4)]
  if (api === undefined) return undefined
  const topic = api === 'Produce' ? TOPICS.find((name) => bytes.includes(name)) : undefined
  return {
    peer: 'kafka',
    what: topic === undefined ? api : `${api} ${topic}`,
    correlationId: bytes.readInt32BE(8),
  }
}

const IDLE_REDIS = new Set(['PING', 'HELLO', 'CLIENT', 'INFO', 'SELECT', 'AUTH'])

/** RESP: `*<arguments>\r\n$<length>\r\n<command>\r\n…` */
function redisRequest(bytes: Buffer): string | undefined {
  const command = /^\*\d+\r\n\$\d+\r\n([a-z]+)\r\n/i.exec(bytes.toString('latin1', 0, 60))?.[1]?.toUpperCase()
  return command === undefined || IDLE_REDIS.has(command) ? undefined : command
}

/** Finds the answer to one request in the stream of bytes that a Kafka broker sends. */
export class KafkaAnswers {
  #header = Buffer.alloc(0)
  /** Bytes of the answer under way that are still to come. */
  #left = 0

  /** The correlation ids of the answers that begin in these bytes: each is its size (4 bytes) and its id (4) first. */
  read(bytes: Buffer): readonly number[] {
    const ids: number[] = []
    let at = 0
    while (at < bytes.length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at)
        this.#left -= skipped
        at += skipped
        continue
      }
      const part = bytes.subarray(at, at + 8 - this.#header.length)
      this.#header = Buffer.concat([this.#header, part])
      at += part.length
      if (this.#header.length < 8) break
      ids.push(this.#header.readInt32BE(4))
      this.#left = this.#header.readInt32BE(0) - 4
      this.#header = Buffer.alloc(0)
    }
    return ids
  }
}
