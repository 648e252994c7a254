import { ledgerContract } from './ledger.contract.ts'
import { createMemoryLedger } from './ledger.ts'

ledgerContract('memory', async () => createMemoryLedger())
