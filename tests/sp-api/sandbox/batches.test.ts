/** Amazon's own sandbox cases of batch operations, ask by ask. */
import { afterAll, describe, expect, it } from 'vitest'
import { type BatchOperation, itemOffers, listingOffers, settleBatch } from '#libs/sp-api/batches/index.ts'
import { testApi } from '#libs/sp-api/test-support.ts'
import { modelsPresent, sandboxOperations } from './cases.ts'
import { startStaticSandbox } from './static-sandbox.ts'

if (!modelsPresent)
  process.stderr.write(`${import.meta.filename}: SKIPPED, Amazon's models are not at ../shared\n`)

interface OffersCase {
  readonly body: { readonly requests: ReadonlyArray<{ readonly uri: string }> }
}

describe.runIf(modelsPresent)("Amazon's static sandbox", async () => {
  if (!modelsPresent) return it("Amazon's models are not at ../shared")
  const operations = sandboxOperations()
  const sandbox = await startStaticSandbox(operations)
  const { api, clock } = testApi(sandbox.url)
  afterAll(async () => {
    await api.close()
    await sandbox.close()
  })

  it.each([
    [itemOffers as BatchOperation<never, { status: string }>, (name: string) => ({ asin: name })],
    [listingOffers as BatchOperation<never, { status: string }>, (name: string) => ({ sku: name })],
  ] as const)('%#: every ask of a batch of offers has its answer', async (batch, askOf) => {
    const { cases } = operations.find(({ operationId }) => operationId === batch.operationId)!
    const { given } = cases.find(({ status }) => status === 200)!
    const names = (given as unknown as OffersCase).body.requests.map(({ uri }) => uri.split('/').at(-2)!)
    const asks = names.map((name) => askOf(name)) as never[]
    const settled = await settleBatch(api, batch, 'US', asks, { clock })
    expect(settled.map((one) => [one.ask, one.kind])).toEqual(asks.map((ask) => [ask, 'answered']))
    expect(settled.map(({ amazonRequestId }) => amazonRequestId)).not.toContain(null)
    expect(sandbox.requests).toBeGreaterThan(0)
  })
})
