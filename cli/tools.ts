import { type Backends, createBackends } from '#libs/service/backends.ts'
import type { Config } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'

/** Backends for a command that ends by itself; `await using` closes them. */
export interface Tools extends AsyncDisposable {
  readonly backends: Backends
}

/** Opens nothing yet. What the backends log is not shown: the command reports its failure itself. */
export function openTools(config: Config): Tools {
  const backends = createBackends({
    config,
    service: 'cli',
    logger: createLogger({ level: 'silent', service: 'cli' }),
    metrics: createMetrics(),
  })
  return { backends, [Symbol.asyncDispose]: () => backends.close() }
}
