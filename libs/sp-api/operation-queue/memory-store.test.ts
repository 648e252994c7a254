import { createMemoryOperationStore } from './memory-store.ts'
import { operationStoreContract } from './store.contract.ts'

operationStoreContract('memory', async () => {
  let time = 0
  return {
    store: createMemoryOperationStore(() => time),
    sleep: async (ms) => {
      time += ms
    },
  }
})
