import { Command } from 'commander'
import { DEFAULT_DATA_DIR } from '../dev/options.ts'
import { exitCodes } from '../failure.ts'
import type { Finish } from '../main.ts'
import { styled } from '../terminal.ts'

export function doctorCommand(finish: Finish): Command {
  return new Command('doctor')
    .description('check what asinstream needs here, and say what to do about what is missing')
    .option('--data-dir <dir>', 'the data folder of dev', DEFAULT_DATA_DIR)
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Checks the configuration, and whatever of PostgreSQL, Kafka, Redis, schema registry and Amazon it names. It changes nothing.

Examples:
  npm run doctor
  DATABASE_URL=postgres://… KAFKA_BROKERS=kafka:9092 npm run doctor
  npm run -s doctor -- --json | jq '.findings[] | select(.status == "failed")'

The exit code is 1 when something that is needed fails.`,
    )
    .action(async (options: { dataDir: string; json?: true }) => {
      const { examine } = await import('../doctor/examine.ts')
      const findings: Finding[] = []
      for await (const finding of examine(process.env, options.dataDir)) {
        findings.push(finding)
        if (!options.json) process.stdout.write(`${lineOf(finding)}\n`)
      }
      const failed = findings.filter((finding) => finding.status === 'failed').length
      if (options.json) process.stdout.write(`${JSON.stringify({ ok: failed === 0, findings }, null, 2)}\n`)
      else
        process.stdout.write(failed === 0 ? 'Nothing that is needed is missing.\n' : `${failed} to mend.\n`)
      finish(failed === 0 ? exitCodes.ok : exitCodes.failed)
    })
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
