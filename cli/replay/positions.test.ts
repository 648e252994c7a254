import { expect, it } from 'vitest'
import type { EventLogAdmin } from '#libs/event-log/port.ts'
import { parsePosition, resolveRange } from './positions.ts'

const NOW = Date.UTC(2026, 10, 23, 12)

it.each([
  ['earliest', { kind: 'earliest' }],
  ['2h', { kind: 'time', ms: NOW - 7_200_000 }],
  ['2026-11-20', { kind: 'time', ms: Date.UTC(2026, 10, 20) }],
  ['2026-11-20T08:30:00+02:00', { kind: 'time', ms: Date.UTC(2026, 10, 20, 6, 30) }],
  ['1500', { kind: 'offset', offset: 1500n }],
  [
    '0:1500,3:90',
    {
      kind: 'offsets',
      offsets: new Map([
        [0, 1500n],
        [3, 90n],
      ]),
    },
  ],
])('reads %s', (text, position) => {
  expect(parsePosition('--from', text, NOW)).toEqual(position)
})

it.each(['', 'latest', '-5', '2026-11-20T08:30', '2026-13-40', '0:1,0:2', '1:', '12:30'.replace('12', 'x')])(
  'refuses "%s"',
  (text) => {
    expect(() => parsePosition('--from', text, NOW)).toThrow(/is neither/)
  },
)

it('refuses to end at the beginning', () => {
  expect(() => parsePosition('--to', 'earliest', NOW)).toThrow(/is neither/)
})

/** Partitions with records from `first` to `end`, one a second from NOW on. */
const logOf = (partitions: readonly { readonly first: bigint; readonly end: bigint }[]) =>
  ({
    endOffsets: async () => new Map(partitions.map(({ end }, partition) => [partition, end])),
    offsetsByTime: async (_: string, ms: number) =>
      new Map(
        partitions.map(({ first, end }, partition) => {
          const offset = BigInt(Math.max(0, Math.ceil((ms - NOW) / 1_000)))
          return [partition, offset < first ? first : offset > end ? end : offset]
        }),
      ),
  }) as unknown as EventLogAdmin

const resolve = (
  from: string,
  to: string | null,
  partitions = [
    { first: 0n, end: 100n },
    { first: 40n, end: 90n },
  ],
) =>
  resolveRange(
    logOf(partitions),
    'catalog.sync-results',
    parsePosition('--from', from, NOW),
    to === null ? null : parsePosition('--to', to, NOW),
  )

const ranges = ({ from, to }: { from: ReadonlyMap<number, bigint>; to: ReadonlyMap<number, bigint> }) =>
  [...to].map(([partition, end]) => [partition, from.get(partition), end])

it('takes what there is, and says what is gone', async () => {
  const range = await resolve('earliest', null)
  expect(ranges(range)).toEqual([
    [0, 0n, 100n],
    [1, 40n, 90n],
  ])
  expect(range.gone).toEqual([{ partition: 1, from: 0n, to: 40n }])
  expect(range.fromOldest).toBe(true)
})

it('takes the offset in each partition, and ends before the last one', async () => {
  const range = await resolve('20', '60')
  expect(ranges(range)).toEqual([
    [0, 20n, 60n],
    [1, 40n, 60n],
  ])
  expect(range.gone).toEqual([{ partition: 1, from: 20n, to: 40n }])
})

it('takes times by partition, and leaves out those without any', async () => {
  const at = (second: number) => new Date(NOW + second * 1_000).toISOString()
  const range = await resolve(at(95), at(500))
  expect(ranges(range)).toEqual([[0, 95n, 100n]])
  expect(range).toMatchObject({ gone: [], fromOldest: false })
})

it('takes only the partitions that are named', async () => {
  expect(ranges(await resolve('1:50', null))).toEqual([[1, 50n, 90n]])
  expect(ranges(await resolve('0:10,1:50', '0:20'))).toEqual([[0, 10n, 20n]])
  await expect(resolve('7:0', null)).rejects.toThrow('partitions 0 to 1, not 7')
})

it('says that all is gone where all that is meant lies before what is kept', async () => {
  const range = await resolve('1:10', '1:30')
  expect(ranges(range)).toEqual([])
  expect(range.gone).toEqual([{ partition: 1, from: 10n, to: 30n }])
})
