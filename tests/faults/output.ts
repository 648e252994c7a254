import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from './checker.ts'

/** What Node prints by itself: `(node:123) MaxListenersExceededWarning: …`, with its stack under `--trace-warnings`. */
const WARNING = /^\(node:\d+\) (?!\(Use `node --trace-)(?:\[\w+\] )?\w*Warning: .*$/gm

/** Amazon's tokens and client secrets give themselves away; one is enough, and none is repeated. */
const SECRET = /(?:Atz[ar](?:\||%7C)|amzn1\.oa2-cs\.)[^\s"']{8}/i

/**
 * Warnings of Node in what a process printed, a leak or a wrong use that no log line tells; and secrets, of which nobody
 * may print any.
 */
export function checkOutput(name: string, printed: string): Finding[] {
  const secret = SECRET.exec(printed)
  const told: Finding[] = secret
    ? [
        {
          kind: 'secret',
          detail: `${name}: ${secret[0].slice(0, 5)}… on line ${printed.slice(0, secret.index).split('\n').length}`,
        },
      ]
    : []
  const warnings: Finding[] = [...printed.matchAll(WARNING)].map((match) => {
    const stack = printed.slice(match.index).split('\n').slice(1, 6)
    const frames = stack.filter((line) => /^\s+at /.test(line)).map((line) => line.trim())
    return { kind: 'warning', detail: [`${name}: ${match[0]}`, ...frames].join(' ') }
  })
  return [...told, ...warnings]
}

/** The same for every log in a folder. */
export function checkOutputs(folder: string): Finding[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .flatMap((file) => checkOutput(file.slice(0, -'.log'.length), readFileSync(join(folder, file), 'utf8')))
}
