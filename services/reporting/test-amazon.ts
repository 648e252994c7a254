import type { SimulatorOptions } from '#simulator/options.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

/** A service and the simulated Amazon that its one seller asks. */
export interface BesideAmazon {
  readonly amazon: Simulator
  readonly api: TestReporting
  close(): Promise<void>
}

/** A service in front of a simulated Amazon, for the integration tests of this folder and those in it. */
export async function startBesideAmazon(
  options: {
    readonly countries?: readonly ('US' | 'CA')[]
    readonly environment?: Readonly<Record<string, string>>
    readonly simulated?: Partial<SimulatorOptions>
  } = {},
): Promise<BesideAmazon> {
  const { countries = ['US'], environment, simulated } = options
  const amazon = await startSimulator({ rate: 100, burst: 100, ...simulated })
  const api = await startTestReporting({
    countries,
    environment: {
      SP_API_ENDPOINT: amazon.url,
      LWA_ENDPOINT: amazon.url,
      SP_API_CLIENT_ID: 'id',
      SP_API_CLIENT_SECRET: 'secret-of-the-application',
      SP_API_REFRESH_TOKEN: 'token-of-the-seller',
      MARKETPLACES: countries.join(','),
      API_RATE_LIMIT: '100000',
      ...environment,
    },
  }).catch(async (error: unknown) => {
    await amazon.stop()
    throw error
  })
  return {
    amazon,
    api,
    async close() {
      await api.close()
      await amazon.stop()
    },
  }
}
