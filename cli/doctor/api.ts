import { apiUrl, callApi } from '../api.ts'
import type { Finding } from '../commands/doctor.ts'
import type { Environment } from '../configuration.ts'
import { CommandError } from '../failure.ts'

const CHECK = 'API'

/** The asinstream that the other commands talk to, where one is named: whether it is ready, and what our key may do there. */
export async function* checkApi(environment: Environment): AsyncGenerator<Finding> {
  if (!environment.ASINSTREAM_URL) return
  try {
    const base = apiUrl(undefined, environment)
    const ready = await callApi(base, '/readyz')
    yield ready.status === 200
      ? { check: CHECK, status: 'ok', message: `${base} is ready` }
      : {
          check: CHECK,
          status: 'warning',
          message: `${base} is not ready: ${missing(ready.body)}`,
          advice: `See ${base}/health.`,
        }
    const { status, body } = await callApi(base, '/api/session')
    const { caller, scopes } = (body ?? {}) as { caller?: string | null; scopes?: readonly string[] }
    if (status === 200 && caller)
      yield { check: CHECK, status: 'ok', message: `you are ${caller}, and may: ${scopes?.join(', ')}` }
    else
      yield {
        check: CHECK,
        status: 'failed',
        message: 'it does not know you: ASINSTREAM_API_KEY is not set, has expired or was revoked',
        advice: 'Set it to a key of that server: npm run keys -- create makes one.',
      }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    yield { check: CHECK, status: 'failed', message: error.message }
  }
}

function missing(body: unknown): string {
  const { checks = {} } = (body ?? {}) as { checks?: Readonly<Record<string, string>> }
  const failing = Object.entries(checks).filter(([, said]) => said !== 'ok')
  return failing.map(([name, said]) => `${name}: ${said}`).join('; ') || 'it does not say why'
}
