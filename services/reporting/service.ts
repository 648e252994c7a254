import type { RunningService, ServiceContext } from '#libs/service/service.ts'

export async function startReporting(_context: ServiceContext): Promise<RunningService> {
  throw new Error('being written')
}
