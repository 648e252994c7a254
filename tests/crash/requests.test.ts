import { describe, expect, it } from 'vitest'
import { isVisible, KafkaAnswers, type Peer, requestOf } from './requests.ts'

const parse = (sql: string): Buffer =>
  Buffer.concat([Buffer.from([0x50, 0, 0, 0, 9]), Buffer.from(`name\0${sql}\0\0\0`)])
const query = (sql: string): Buffer =>
  Buffer.concat([Buffer.from([0x51, 0, 0, 0, 9]), Buffer.from(`${sql}\0`)])
const kafka = (api: number, id: number, rest = ''): Buffer => {
  const head = Buffer.alloc(12)
  head.writeInt32BE(8 + rest.length, 0)
  head.writeInt16BE(api, 4)
  head.writeInt32BE(id, 8)
  return Buffer.concat([head, Buffer.from(rest)])
}

describe('what a write asks for', () => {
  it.each([
    [query('begin'), 'begin'],
    [parse('insert into sync_logs (a)\n select $1'), 'insert into sync_logs'],
    [parse('with due as (select 1) update product_syncs s set a = 1'), 'with … update product_syncs'],
    [parse('select "event_log".append($1) as is_new'), 'select … "event_log".append'],
    [Buffer.from([0, 0, 0, 8, 0, 3, 0, 0]), 'connect'],
    [Buffer.from('X\0\0\0\x04'), 'disconnect'],
  ])('tells a statement of PostgreSQL', (bytes, what) => {
    expect(requestOf('postgres', bytes)?.what).toBe(what)
  })

  it.each<[Peer, Buffer, string]>([
    ['postgres', parse('select g.generation, r.* from "event_log".groups g'), 'a poll'],
    ['postgres', parse('update "event_log".members set expires_at = now()'), 'a heartbeat'],
    ['postgres', Buffer.from('p\0\0\0\x09secret\0'), 'a password'],
    ['kafka', kafka(12, 1), 'a heartbeat'],
    ['kafka', kafka(1, 1), 'a fetch'],
    ['redis', Buffer.from('*1\r\n$4\r\nPING\r\n'), 'a ping'],
    ['amazon', Buffer.from('{"rest":"of a body"}'), 'the rest of a request'],
  ])('leaves out, of %s, what is no step: $2', (peer, bytes) => {
    expect(requestOf(peer, bytes)).toBeUndefined()
  })

  it('tells a request to Kafka, its topic and its number', () => {
    expect(requestOf('kafka', kafka(0, 7, 'catalog.sync-results'))).toEqual({
      peer: 'kafka',
      what: 'Produce catalog.sync-results',
      correlationId: 7,
    })
  })

  it('tells Redis commands, calls and answers', () => {
    expect(requestOf('redis', Buffer.from('*4\r\n$7\r\nevalsha\r\n$1\r\na\r\n'))?.what).toBe('EVALSHA')
    expect(requestOf('amazon', Buffer.from('GET /catalog/items?a=b HTTP/1.1\r\n'))?.what).toBe(
      'GET /catalog/items',
    )
    expect(requestOf('client', Buffer.from('HTTP/1.1 202 Accepted\r\n'))?.what).toBe('HTTP/1.1 202')
  })
})

it.each([
  ['commit', true, true],
  ['update products', true, false],
  ['update products', false, true],
  ['select … from products', false, false],
  ['select … "event_log".append', false, true],
  ['select pg_try_advisory_lock($1) as locked', false, true],
  ['connect', false, false],
])('others see the effect of %s in a transaction (%s): %s', (what, inTransaction, visible) => {
  expect(isVisible({ peer: 'postgres', what }, inTransaction)).toBe(visible)
})

it('finds where answers of Kafka begin, however the bytes are cut', () => {
  const answer = (id: number, size: number): Buffer => {
    const bytes = Buffer.alloc(8 + size)
    bytes.writeInt32BE(4 + size, 0)
    bytes.writeInt32BE(id, 4)
    return bytes
  }
  const stream = Buffer.concat([answer(1, 10), answer(2, 0), answer(3, 300)])
  for (const cut of [1, 3, 8, 17, 500]) {
    const answers = new KafkaAnswers()
    const ids: number[] = []
    for (let at = 0; at < stream.length; at += cut) ids.push(...answers.read(stream.subarray(at, at + cut)))
    expect(ids).toEqual([1, 2, 3])
  }
})
