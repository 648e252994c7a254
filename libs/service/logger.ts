import { type DestinationStream, type Logger, pino } from 'pino'
import { secretMask } from './secrets.ts'
import { variables } from './variables.ts'

export type { Logger }

/** Paths that never show in a log line, at any depth that our log calls use. */
const secretPaths = [
  'authorization',
  'cookie',
  'password',
  'access_token',
  'accessToken',
  'refresh_token',
  'refreshToken',
  'client_secret',
  'clientSecret',
  'x-amz-access-token',
  'x-api-key',
  ...Object.entries(variables).flatMap(([name, { secret }]) => (secret ? [name] : [])),
]

export interface LoggerOptions {
  readonly level: string
  readonly service: string
  /** Values that no line may show, wherever they come from (see `secretsOf`). */
  readonly secrets?: readonly string[]
  readonly destination?: DestinationStream
}

/** JSON lines on standard output, one logger per process; `child` for parts. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secretPaths.flatMap((path) => [
          path.includes('-') ? `["${path}"]` : path,
          path.includes('-') ? `*["${path}"]` : `*.${path}`,
          path.includes('-') ? `*.*["${path}"]` : `*.*.${path}`,
        ]),
        censor: '********',
      },
      // An error's own message or stack may quote what it failed on.
      hooks: { streamWrite: secretMask(options.secrets ?? []) },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  )
}
