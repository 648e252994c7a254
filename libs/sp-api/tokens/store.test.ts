import { tokenStoreContract } from './contract.ts'
import { createMemoryTokenStore } from './store.ts'

const shared = createMemoryTokenStore()
// One process has one of them: its clients share it, and none of them closes it for the others.
tokenStoreContract('memory', () => ({ ...shared, close: async () => {} }))
