import type { HttpServer } from '#libs/service/http-server.ts'
import type { RunningService, ServiceContext } from '#libs/service/service.ts'
import { type ServiceName, services } from '#services/all.ts'

/** Every service in one process, as one service; reporting's port carries the health routes of all. */
export interface AllServices extends RunningService {
  readonly address: Pick<HttpServer, 'host' | 'port'>
}

/**
 * Starts every service on the same backends. When one cannot start, those before it are stopped, and it rejects.
 * @param contextOf what a service is handed: the same backends and metrics, a logger of its own
 */
export async function startAllServices(
  contextOf: (name: ServiceName) => ServiceContext,
): Promise<AllServices> {
  const running: RunningService[] = []
  const stop = async (graceMs: number): Promise<void> => {
    // Whatever one of them does, the others get their chance to finish.
    const results = await Promise.allSettled(running.map((service) => service.stop(graceMs)))
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('; '))
  }
  try {
    const reporting = await services.reporting(contextOf('reporting'), { services: () => running })
    running.push(reporting)
    for (const name of ['persister', 'catalog-fetcher', 'offer-fetcher', 'product-change'] as const) {
      const { levels } = contextOf(name).config.OFFERS_POLICY
      if (name === 'offer-fetcher' && levels.length === 0) continue
      running.push(await services[name](contextOf(name)))
    }
    const finished = Promise.all(running.map((service) => service.finished)).then(() => {})
    return {
      name: 'all',
      finished,
      address: reporting.address,
      servesHealth: true,
      healthy: () => running.every((service) => service.healthy()),
      async ready() {
        await Promise.all(running.map((service) => service.ready()))
      },
      stop,
    }
  } catch (error) {
    await stop(1_000).catch(() => {}) // the reason why it could not start is the one that matters
    throw error
  }
}
