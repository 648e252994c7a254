import { afterAll, beforeAll, describe } from 'vitest'
import { feedbackContract } from './contract-feedback.ts'
import { queueContract } from './contract-queue.ts'
import { slotsContract } from './contract-slots.ts'
import { stateContract } from './contract-state.ts'
import type { BucketHome } from './contract-tools.ts'

/** What every home of the token bucket must do. `fast`: its time costs nothing, so tests may take minutes of it. */
export function tokenBucketContract(name: string, open: () => Promise<BucketHome>, fast: boolean): void {
  describe(`token bucket contract: ${name}`, () => {
    let home: BucketHome
    beforeAll(async () => {
      home = await open()
    })
    afterAll(() => home.close())
    slotsContract(() => home, fast)
    feedbackContract(() => home, fast)
    queueContract(() => home, fast)
    stateContract(() => home)
  })
}
