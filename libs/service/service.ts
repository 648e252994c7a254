import type { Backends } from './backends.ts'
import type { Config } from './config.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** What a service is handed; it opens nothing by itself. */
export interface ServiceContext {
  readonly config: Config
  readonly backends: Backends
  readonly logger: Logger
  readonly metrics: Metrics
}

/** A service that runs. */
export interface RunningService {
  readonly name: string
  /** Resolves after `stop`; rejects when the service can not go on, and then the process has to end. */
  readonly finished: Promise<void>
  /** Whether restarting the process would not help: liveness. */
  healthy(): boolean
  /** Resolves when the service can do its work; rejects with what it lacks: readiness. */
  ready(): Promise<void>
  /** What its operator should see beside readiness, as JSON: it is part of `/readyz` and `/health`. */
  details?(): object
  /** Whether the service serves the health routes on an HTTP port of its own. */
  readonly servesHealth?: boolean
  /** Finishes work in flight within the grace, then resolves; idempotent. */
  stop(graceMs: number): Promise<void>
}

export type StartService = (context: ServiceContext) => Promise<RunningService>
