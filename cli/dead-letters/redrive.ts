import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { recordAudit } from '#libs/db/api-keys.ts'
import type { Queryable } from '#libs/db/database.ts'
import {
  type Letters,
  placeText,
  type RedriveReport,
  readLetters,
  readPlaces,
  redriveLetters,
} from '#libs/service/dead-letters.ts'
import type { DeadLetter } from '#libs/stream/dead-letter-redrive.ts'
import type { RedriveOptions } from '../commands/dead-letters.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { counted } from '../terminal.ts'
import { letterChoice, parsePlace } from './letters.ts'
import { withBackends } from './open.ts'

/** Brings dead letters back to the topics that they came from; resolves to the exit code. */
export async function redriveDeadLetters(texts: readonly string[], options: RedriveOptions): Promise<number> {
  const { topic, group, reason, since, all } = options
  const filtered = [topic, group, reason, since].some((option) => option !== undefined)
  if (texts.length > 0 && (filtered || all))
    throw new UsageError('Name places, or choose by --all, --topic, --group, --reason and --since, not both')
  if (texts.length === 0 && !filtered && !all)
    throw new UsageError('Say which ones: places such as 0:17, --all, or --topic, --group, --reason, --since')
  const places = texts.map(parsePlace)
  const choice = letterChoice(options)
  return await withBackends(async ({ backends, db }) => {
    const opened: Letters = { db, log: backends.log(), codec: backends.codec() }
    const letters = async function* (): AsyncGenerator<DeadLetter> {
      if (places.length === 0) yield* readLetters(opened.log, choice)
      // All are looked up before the first is brought back: a wrong one leaves nothing half-done.
      else yield* await readPlaces(opened.log, places)
    }
    const { again = false, undecodable = false } = options
    if (!options.dryRun)
      await confirm(
        options,
        async () => (await redriveLetters(opened, letters(), { again, undecodable, dryRun: true })).redriven,
      )
    const report = await redriveLetters(opened, letters(), {
      again,
      undecodable,
      dryRun: options.dryRun === true,
      alsoWrite: (tx, batch) =>
        audit(tx, texts.length > 0 ? { places: texts } : { filter: choice }, options, batch),
    })
    print(report, options)
    return texts.length > 0 && report.left.length > 0 ? exitCodes.failed : exitCodes.ok
  })
}

/** As the API writes it down for those who redrive through it. */
async function audit(
  tx: Queryable,
  which: object,
  { again, undecodable }: RedriveOptions,
  letters: readonly DeadLetter[],
): Promise<void> {
  await recordAudit(tx, {
    caller: `command line of ${userName()}`,
    keyId: null,
    method: 'COMMAND',
    path: 'asinstream dead-letters redrive',
    status: 200,
    requestId: randomUUID(),
    action: 'dead-letters.redrive',
    details: {
      ...which,
      count: letters.length,
      again: again === true,
      undecodable: undecodable === true,
      letters: letters.slice(0, 100).map(({ record }) => placeText(record)),
    },
  })
}

/** In a container a user may have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}

/** Asks on a terminal; elsewhere a script has meant what it says only with `--yes`. */
async function confirm(options: RedriveOptions, ask: () => Promise<number>): Promise<void> {
  if (options.yes) return
  if (!process.stdin.isTTY)
    throw new UsageError('There is no terminal to ask on: add --yes, or --dry-run to see what would be done')
  const wanted = await ask()
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`Bring back ${counted(wanted, 'dead letter')}? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was brought back.')
  } finally {
    terminal.close()
  }
}

/** What of the options would have brought a letter back that was left. */
const REMEDY: Readonly<Record<RedriveReport['left'][number]['because'], string>> = {
  'redriven-before': ' (--again does it again)',
  undecodable: ' (--undecodable does it all the same)',
  'no-origin': '',
}

function print({ redriven: n, left: found }: RedriveReport, options: RedriveOptions): void {
  const left = found.map(({ place, because, reason }) => ({ place, reason: reason + REMEDY[because] }))
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ dryRun: options.dryRun === true, redriven: n, left }, null, 2)}\n`,
    )
    return
  }
  const did = options.dryRun ? 'would be brought back' : n === 1 ? 'was brought back' : 'were brought back'
  process.stdout.write(`${counted(n, 'dead letter')} ${did}.\n`)
  for (const { place, reason } of left.slice(0, 20)) process.stdout.write(`Left alone: ${place}, ${reason}\n`)
  if (left.length > 20) process.stdout.write(`… and ${left.length - 20} more (--json has all)\n`)
}
