import { type DestinationStream, type Logger, pino } from 'pino'

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
  'DATABASE_URL',
  'REDIS_URL',
  'SP_API_CLIENT_SECRET',
  'SP_API_REFRESH_TOKEN',
]

export interface LoggerOptions {
  readonly level: string
  readonly service: string
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
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  )
}
