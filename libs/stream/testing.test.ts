import { describe, expect, it } from 'vitest'
import { done, drop, type Processor } from '#libs/stream/processor.ts'
import { TextCodec } from '#libs/stream/test-double.ts'
import { testProcessor } from '#libs/stream/testing.ts'

const chunkSizes: number[] = []
const shout: Processor<string> = {
  group: 'shouters',
  inputs: ['in'],
  outputs: ['out'],
  chunks: { maxWeight: 2, key: ({ value }) => value.charAt(0), lingerMs: 60_000, inFlight: 4 },
  process: async ({ records }) => {
    chunkSizes.push(records.length)
    return records.map(({ value }) =>
      value.endsWith('?') ? drop('a question') : done([{ topic: 'out', key: value, value: `${value}!` }]),
    )
  },
}

describe('testProcessor', () => {
  it('gives verdicts and emits in the order of the values, chunked as the policy says', async () => {
    const results = await testProcessor(shout, ['a1', 'b1', 'a2', 'a3?', 'b2'], { codec: new TextCodec() })
    expect(results.map(({ value, emits }) => [value, emits.map((emit) => emit.value)])).toEqual([
      ['a1', ['a1!']],
      ['b1', ['b1!']],
      ['a2', ['a2!']],
      ['a3?', []],
      ['b2', ['b2!']],
    ])
    expect(results[3]?.verdict).toEqual(drop('a question'))
    expect(chunkSizes.toSorted((a, b) => a - b)).toEqual([1, 2, 2])
  })

  it('refuses what the runner refuses', async () => {
    const codec = new TextCodec()
    await expect(testProcessor({ ...shout, outputs: [] }, ['a'], { codec })).rejects.toMatchObject({
      code: 'UNDECLARED_OUTPUT',
    })
    await expect(
      testProcessor({ ...shout, process: async () => [] }, ['a'], { codec }),
    ).rejects.toMatchObject({ code: 'WRONG_VERDICTS' })
  })
})
