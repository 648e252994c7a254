import { tokenBucketContract } from './contract.ts'
import { createMemoryTokenBucket } from './memory.ts'
import { createVirtualClock } from './virtual-clock.ts'

tokenBucketContract(
  'memory',
  async () => {
    const clock = createVirtualClock()
    return {
      create: (options) => createMemoryTokenBucket({ ...options, now: clock.now }),
      now: clock.now,
      sleep: clock.sleep,
      run: clock.run,
      close: async () => {},
    }
  },
  true,
)
