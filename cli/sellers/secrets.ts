import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageError } from '../failure.ts'

/** Amazon's tokens are of 2048 bytes at most; anything longer is not one of them. */
const LONGEST = 4_096

/** Reads secrets in this order, a line each, or asks for each where somebody sits at a terminal. */
export async function readSecrets(names: readonly string[]): Promise<readonly string[]> {
  const given = process.stdin.isTTY ? await askHidden(names) : (await text(process.stdin)).split(/\r?\n/)
  const lines = given.map((line) => line.trim())
  if (lines.slice(names.length).some((line) => line !== ''))
    throw new UsageError(`Standard input must have ${names.join(' and ')}, a line each, and nothing else.`)
  return names.map((name, index) => checked(name, lines[index]))
}

/** The secret of a variable. */
export function secretOf(variable: string): string {
  return checked(variable, process.env[variable])
}

function checked(name: string, value: string | undefined): string {
  if (!value) throw new UsageError(`${name} is missing.`)
  if (value.length > LONGEST || /[^\x21-\x7e]/.test(value))
    throw new UsageError(
      `${name} is not a secret of Amazon's: it has to be one word of at most ${LONGEST} characters.`,
    )
  return value
}

/** Prompts on standard error; what is typed is not shown. */
async function askHidden(names: readonly string[]): Promise<readonly string[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  const answers: string[] = []
  try {
    for (const name of names) {
      process.stderr.write(`${name}: `)
      answers.push(
        await new Promise<string>((resolve, reject) => {
          lines.once('close', () => reject(new UsageError(`${name} is missing.`)))
          lines.question('', resolve)
        }),
      )
      process.stderr.write('\n')
    }
  } finally {
    lines.removeAllListeners('close')
    lines.close()
  }
  return answers
}
