/** Exit codes of every command. */
export const exitCodes = { ok: 0, failed: 1, misused: 2 } as const

/** The command could not do its work: its message goes to standard error, exit code 1. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
}

/** The command was called in a way that makes no sense: its message goes to standard error, exit code 2. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}
