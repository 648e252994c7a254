import { readFileSync } from 'node:fs'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** The command was given something that it can not use. */
export class UsageError extends Error {}

/**
 * The options that a command of `npm run` was given. `--help` prints the comment at the head of its file and ends the
 * process with 0; an option that is unknown, or a `UsageError` that `read` throws, ends it with one line and 2.
 */
export function readCommandLine<const T extends ParseArgsOptionsConfig, R>(
  file: string,
  options: T,
  read: (values: ReturnType<typeof parseArgs<{ options: T }>>['values']) => R,
  args: readonly string[] = process.argv.slice(2),
): R {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${headOf(readFileSync(file, 'utf8'))}\n`)
    process.exit(0)
  }
  try {
    return read(parseArgs({ args: [...args], options }).values)
  } catch (error) {
    if (!(error instanceof UsageError) && !isParseArgsError(error)) throw error
    process.stderr.write(`${error.message} (--help says what there is)\n`)
    process.exit(2)
  }
}

/** A whole number of at least `least`, as an option gives it. Throws a `UsageError`. */
export function wholeNumber(name: string, given: string | undefined, least = 0): number {
  const value = Number(given)
  if (!given || !Number.isInteger(value) || value < least)
    throw new UsageError(`--${name} must be a whole number of at least ${least}, not "${given ?? ''}"`)
  return value
}

/** A number above zero. Throws a `UsageError`. */
export function positiveNumber(name: string, given: string | undefined): number {
  const value = Number(given)
  if (!(value > 0) || !Number.isFinite(value))
    throw new UsageError(`--${name} must be a number above 0, not "${given ?? ''}"`)
  return value
}

/** One of `known`. Throws a `UsageError`. */
export function oneOf<const T extends string>(name: string, given: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === given)
  if (found === undefined) throw new UsageError(`--${name} takes ${known.join(', ')}, not "${given}"`)
  return found
}

/** Names from a list with commas, each one of `known`. Throws a `UsageError`. */
export function someOf<const T extends string>(name: string, given: string, known: readonly T[]): T[] {
  return given.split(',').map((one) => oneOf(name, one, known))
}

const isParseArgsError = (error: unknown): error is Error =>
  error instanceof Error && ((error as NodeJS.ErrnoException).code ?? '').startsWith('ERR_PARSE_ARGS')

/** The text of a file's first comment, without its stars. */
function headOf(source: string): string {
  const [, comment = ''] = /^\s*\/\*\*([\s\S]*?)\*\//.exec(source) ?? []
  return comment.replaceAll(/^ \* ?/gm, '').trim()
}
