/**
 * A process that asks for a seller's token whenever it is told so: `node test-process.ts <redis> <endpoint> <leaseMs>`. A
 * line on standard input starts so many concurrent asks as it says; a line on standard output tells how they ended.
 */
import { createInterface } from 'node:readline'
import { createMemoryTokenBucket } from '#libs/rate-limit/memory.ts'
import { createSpApi, RegionalEndpointManager } from '../index.ts'
import { createRedisTokenStore } from './redis-store.ts'

const [redis = '', endpoint = '', leaseMs = '5000'] = process.argv.slice(2)
const tokenStore = createRedisTokenStore({
  url: redis,
  leaseMs: Number(leaseMs),
  commandTimeoutMs: 10_000,
  onDegraded: (reason) => console.log(`degraded: ${reason}`),
})
const api = createSpApi({
  application: { clientId: 'app', clientSecret: 'client-secret' },
  refreshToken: 'Atzr|seller-one',
  sellerKey: 'seller',
  bucket: createMemoryTokenBucket(),
  tokenStore,
  endpoints: new RegionalEndpointManager({ spApiEndpoint: endpoint, lwaEndpoint: endpoint }),
})
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const asks = Array.from({ length: Number(line) }, () => api.checkCredentials())
  await Promise.all(asks).then(
    () => console.log('ok'),
    (error: Error) => console.log(`failed: ${error.message}`),
  )
}
await api.close()
await tokenStore.close()
