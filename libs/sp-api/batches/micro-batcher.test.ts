import { describe, expect, it } from 'vitest'
import { testClock } from '../test-support.ts'
import { MicroBatcher } from './micro-batcher.ts'
import { itemOffers } from './offers.ts'
import { asin, askedFor, itemOffersAnswer, testCaller } from './test-caller.ts'

/** An Amazon that answers a request when the test says so. */
function heldBack() {
  const answers = testCaller((request) => ({
    body: {
      responses: askedFor(request).map((one) =>
        itemOffersAnswer({ asin: one, status: one === asin(13) ? 404 : 200 }),
      ),
    },
  }))
  const gates: Array<PromiseWithResolvers<void>> = []
  const sent: string[][] = []
  const api = {
    async call(operation: never, parameters: object, options?: object) {
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      sent.push(askedFor({ operation: '', parameters: parameters as never }))
      await gate.promise
      return answers.call(operation, parameters, options)
    },
  }
  const release = async (request: number) => {
    while (gates.length <= request) await new Promise((resolve) => setImmediate(resolve))
    gates[request]!.resolve()
  }
  const batcher = new MicroBatcher(api as never, itemOffers, { marketplaceId: 'US', clock: testClock() })
  return { batcher, sent, release }
}

const ask = (number: number) => ({ asin: asin(number) })

describe('MicroBatcher', () => {
  it('sends together what is asked while a request is under way, and the same ask once', async () => {
    const { batcher, sent, release } = heldBack()
    const first = batcher.ask(ask(1))
    // Under way from now on.
    while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const others = [2, 3, 2, 4].map((number) => batcher.ask(ask(number)))
    await release(0)
    expect((await first).ask).toEqual(ask(1))
    await release(1)
    expect((await Promise.all(others)).map((settled) => settled.ask.asin)).toEqual([2, 3, 2, 4].map(asin))
    expect(sent).toEqual([[asin(1)], [asin(2), asin(3), asin(4)]])
  })

  it('sends a full request at once, and what is less when nothing is under way any more', async () => {
    const { batcher, sent, release } = heldBack()
    const asked = Array.from({ length: 41 }, (_, number) => batcher.ask(ask(number + 20)))
    while (sent.length < 2) await new Promise((resolve) => setImmediate(resolve))
    await release(1)
    await Promise.all(asked.slice(20, 40))
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(sent.map(({ length }) => length)).toEqual([20, 20])
    await release(0)
    await release(2)
    expect(await Promise.all(asked)).toHaveLength(41)
    expect(sent.map(({ length }) => length)).toEqual([20, 20, 1])
  })

  it('rejects the one that Amazon refuses, and answers the others', async () => {
    const { batcher, release } = heldBack()
    const asked = [12, 13, 14].map((number) => batcher.ask(ask(number)))
    await release(0)
    const settled = await Promise.allSettled(asked)
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(settled[1]).toMatchObject({ reason: { kind: 'not_found' } })
  })

  it('does not send what nobody waits for any more', async () => {
    const { batcher, sent, release } = heldBack()
    const abort = new AbortController()
    const [left, stays] = [batcher.ask(ask(1), abort.signal), batcher.ask(ask(2))]
    const shared = [batcher.ask(ask(3), abort.signal), batcher.ask(ask(3))]
    abort.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    await expect(shared[0]).rejects.toThrow('gone')
    await release(0)
    await Promise.all([stays, shared[1]])
    expect(sent).toEqual([[asin(2), asin(3)]])
  })
})
