import { Command } from 'commander'
import { DEFAULT_DATA_DIR } from '../dev/options.ts'
import { exitCodes } from '../failure.ts'
import type { Finish } from '../main.ts'
import { wholeNumber } from '../options.ts'
import { styled } from '../terminal.ts'

export function doctorCommand(finish: Finish): Command {
  return new Command('doctor')
    .description('check what asinstream needs here, and say what to do about what is missing')
    .option('--data-dir <dir>', 'the data folder of dev', DEFAULT_DATA_DIR)
    .option('--timeout <seconds>', 'how long one check may take', wholeNumber(1, 600), 20)
    .option('--strict', 'exit 1 also when there are warnings')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Checks this machine (Node, memory, disk, port), the configuration, and whatever it names: PostgreSQL (version, migrations,
clock), the log (topics, partitions, retention, copies), Redis (clock, token buckets, 429s), the schema registry (every
schema, compatibility), Amazon (clock, credentials, marketplaces, the roles of each seller's grant) and, with
ASINSTREAM_URL, a running asinstream. It changes nothing; of Amazon's quotas it takes a call of each API at most.

Examples:
  npm run doctor
  DATABASE_URL=postgres://… KAFKA_BROKERS=kafka:9092 npm run doctor
  npm run -s doctor -- --json | jq '.findings[] | select(.status == "failed")'

The exit code is 1 when something that is needed fails.`,
    )
    .action(async (options: DoctorOptions) => {
      const { examine } = await import('../doctor/examine.ts')
      const findings: Finding[] = []
      const { dataDir, timeout } = options
      for await (const finding of examine({
        environment: process.env,
        dataDir,
        timeoutMs: timeout * 1_000,
      })) {
        findings.push(finding)
        if (!options.json) process.stdout.write(`${lineOf(finding)}\n`)
      }
      const counted = (status: Finding['status']) => findings.filter((one) => one.status === status).length
      const failed = counted('failed')
      const ok = failed === 0 && !(options.strict && counted('warning') > 0)
      const last = failed === 0 ? 'Nothing that is needed is missing.' : `${failed} to mend.`
      process.stdout.write(options.json ? `${JSON.stringify({ ok, findings }, null, 2)}\n` : `${last}\n`)
      finish(ok ? exitCodes.ok : exitCodes.failed)
      endSoon()
    })
}

interface DoctorOptions {
  readonly dataDir: string
  readonly timeout: number
  readonly strict?: true
  readonly json?: true
}

/** A connection that a dead service holds open must not keep the process: it has said all that it had to say. */
function endSoon(): void {
  setTimeout(() => process.stdout.write('', () => process.exit()), 1_000).unref()
}

/** What one check found. */
export interface Finding {
  readonly check: string
  /** `failed` is needed and missing; `warning` works, but should be mended; `info` is neither good nor bad. */
  readonly status: 'ok' | 'info' | 'warning' | 'failed'
  readonly message: string
  /** What to do about it. */
  readonly advice?: string
}

function lineOf({ check, status, message, advice }: Finding): string {
  const colours = { ok: 'green', info: 'dim', warning: 'yellow', failed: 'red' } as const
  const label = styled(colours[status], status.padEnd(7))
  return `${label}  ${check}: ${message}${advice === undefined ? '' : `\n         ${advice}`}`
}
