/**
 * Takes the API as it is now for what clients rely on (services/reporting/openapi/baseline.json).
 *
 *   npm run api:baseline -- [--note "why this breaks clients, and what they do about it"]
 *
 * What would break a client is refused without a note, which then stands in docs/api-changes.md with the changes.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { BASELINE, currentContract, readBaseline, writeBaseline } from './baseline.ts'
import { breakingChanges } from './changes.ts'

const NOTES = new URL('../../../docs/api-changes.md', import.meta.url)
const HEAD = `# Breaking changes of the API

What clients may have to change, newest first; written by \`npm run api:baseline -- --note "…"\`. New routes, fields and
parameters that nobody has to give are not here.
`

const { values } = parseArgs({ options: { note: { type: 'string' } } })
const contract = currentContract()
const baseline = readBaseline()
const changes = baseline === null ? [] : breakingChanges(JSON.parse(baseline), contract)

if (changes.length > 0 && !values.note?.trim()) {
  console.error(
    `This breaks clients of the API:\n${list(changes)}\nIf that is meant: npm run api:baseline -- --note "why, and what they do about it"`,
  )
  process.exitCode = 1
} else {
  if (changes.length > 0 && values.note !== undefined) addNote(values.note.trim(), changes)
  writeBaseline(contract)
  console.log(`${BASELINE} is up to date${changes.length > 0 ? '; docs/api-changes.md has the note' : ''}`)
}

function addNote(note: string, found: readonly string[]): void {
  const before = existsSync(NOTES) ? readFileSync(NOTES, 'utf8') : HEAD
  const entry = `\n## ${new Date().toISOString().slice(0, 10)}\n\n${note}\n\n${list(found)}\n`
  const [head, ...entries] = before.split(/\n(?=## )/)
  writeFileSync(NOTES, [`${head}${entry}`, ...entries].join('\n'))
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n')
}
