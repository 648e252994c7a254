/** Exit codes of every command. */
export const exitCodes = { ok: 0, failed: 1, misused: 2 } as const

/** The command could not do its work: its message goes to standard error, exit code 1. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
}

/** It may go well in a moment: asinstream does not answer, restarts, or has too much to do. */
export class TemporaryError extends CommandError {
  /** When asinstream wants to be asked again, where it says so. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number | undefined } = {}) {
    super(message, options)
    this.retryAfterMs = options.retryAfterMs
  }
}

/** The command was called in a way that makes no sense: its message goes to standard error, exit code 2. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}
