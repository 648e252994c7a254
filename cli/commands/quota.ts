import { Command } from 'commander'
import type { QuotaReport } from '#services/reporting/quota/quota-report.ts'
import { apiUrl, callApiOk, urlOption } from '../api.ts'
import { exitCodes } from '../failure.ts'
import type { Finish } from '../main.ts'
import { quotaText } from '../quota-text.ts'

export function quotaCommand(finish: Finish): Command {
  return new Command('quota')
    .description("how much of Amazon's quotas there is, who waits for it, and what was learned about it")
    .option(...urlOption)
    .option('--json', 'print the API’s answer')
    .addHelpText(
      'after',
      `
Examples:
  npm run quota
  npm run -s quota -- --json | jq '.quotas[] | select(.throttled > 0)'`,
    )
    .action(async (options: { url?: string; json?: true }) => {
      const base = apiUrl(options.url, process.env)
      const report = await callApiOk<QuotaReport>(base, '/marketplace/amazon/quota')
      process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : quotaText(report)}\n`)
      finish(exitCodes.ok)
    })
}
