/** SQLSTATEs after which the same transaction may well succeed: lost connections, deadlocks, a server that restarts. */
const transientClasses = ['08', '40', '53', '57', '58']
const transientCodes = new Set(['55P03', '25P03', '25006', '57014'])
const transientNetworkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
])

/** Whether trying the same again later makes sense. A broken statement, a missing table or a bad value does not. */
export function isTransientDatabaseError(error: unknown): boolean {
  for (const cause of causesOf(error)) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
    if (code !== undefined && transientNetworkCodes.has(code)) return true
    if (code !== undefined && isSqlState(code)) {
      // 53100 (disk full) and 25006 (read-only) pass when an operator has mended them: nothing is lost by waiting.
      return transientCodes.has(code) || transientClasses.includes(code.slice(0, 2))
    }
    if (isUnanswered(cause)) return true
    if (
      /connection terminated|timeout exceeded when trying to connect|timeout expired|client has encountered a connection error/i.test(
        cause.message,
      )
    ) {
      return true
    }
  }
  return false
}

/** Whether the client stopped waiting for an answer: nobody knows what became of the statement. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

/** PostgreSQL's error code; its first two characters name the class (22: bad value, 23: constraint, …). */
export function sqlState(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    if ('code' in cause && typeof cause.code === 'string' && isSqlState(cause.code)) return cause.code
  }
  return undefined
}

/** The class alone: 22 is a bad value, 23 a constraint. */
export function sqlStateClass(error: unknown): string | undefined {
  return sqlState(error)?.slice(0, 2)
}

/** Five characters, one of them a digit: Node has codes of five letters (EPIPE) as well. */
const isSqlState = (code: string): boolean => /^(?=.*\d)[0-9A-Z]{5}$/.test(code)

/** For people: what is wrong with the database and what to do. Never shows the password. */
export function explainDatabaseError(error: unknown, url: string): string {
  const where = describeDatabaseUrl(url)
  for (const cause of causesOf(error)) {
    const code = 'code' in cause ? cause.code : undefined
    if (typeof code === 'string' && transientNetworkCodes.has(code)) {
      return `PostgreSQL at ${where} can not be reached (${code}). Check DATABASE_URL, and that the server runs and lets this host in.`
    }
    if (code === '28P01' || code === '28000')
      return `PostgreSQL at ${where} refuses the user or password of DATABASE_URL.`
    if (code === '3D000')
      return `PostgreSQL at ${where} has no such database. Create it, or correct DATABASE_URL.`
    if (code === '42P01' || code === '42703' || code === '42883') {
      return `the database at ${where} lacks a migration (${cause.message}). Run: npm run migrate`
    }
  }
  return `PostgreSQL at ${where}: ${error instanceof Error ? error.message : String(error)}`
}

/** Host, port and database of a connection string, without credentials. */
export function describeDatabaseUrl(url: string): string {
  const parsed = URL.parse(url)
  return parsed ? `${parsed.host}${parsed.pathname}` : 'DATABASE_URL (which is not a valid URL)'
}

function* causesOf(error: unknown): Generator<Error> {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    yield current
    if (current instanceof AggregateError) {
      for (const inner of current.errors) if (inner instanceof Error) yield inner
    }
    current = current.cause
  }
}
