import { describe, expect, test } from 'vitest'
import { murmur2, partitionOf } from './postgres-partitioner.ts'

describe('murmur2', () => {
  // Apache Kafka, clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java: testMurmur2.
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('%s', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })
})

test('a partition is never negative and always exists', () => {
  for (let i = 0; i < 1_000; i++) {
    const partition = partitionOf(Buffer.from(`key ${i}`), 6)
    expect(partition).toBeGreaterThanOrEqual(0)
    expect(partition).toBeLessThan(6)
  }
  expect(partitionOf(Buffer.alloc(0), 1)).toBe(0)
})
