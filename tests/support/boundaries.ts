import { posix } from 'node:path'

/**
 * What each part may import besides itself: the table "Code" of docs/architecture.md. The longest prefix that fits a file
 * decides. Tests beside the code may also import test support and what they run against.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'libs/child-process': [],
  'libs/event-log': [],
  'libs/stream': ['libs/event-log'],
  'libs/rate-limit': [],
  'libs/sp-api': ['libs/rate-limit', 'libs/gtin'],
  'libs/gtin': [],
  'libs/matching': ['libs/gtin'],
  'libs/offers': [],
  'libs/db': ['libs/child-process', 'libs/offers'],
  'libs/db/document-ledger.ts': ['libs/child-process', 'libs/sp-api/documents/ledger.ts'],
  'libs/db/operation-store.ts': ['libs/child-process', 'libs/sp-api/operation-queue/store.ts'],
  'libs/service': ['libs', 'schemas'],
  schemas: ['libs/event-log', 'libs/stream'],
  services: ['libs', 'schemas'],
  'services/all.ts': ['libs', 'schemas', 'services'],
  simulator: [],
  cli: ['libs', 'schemas', 'services', 'simulator', 'deploy'],
  deploy: ['libs/child-process', 'libs/db'],
  tests: ['libs', 'schemas', 'services', 'simulator', 'deploy', 'cli'],
  bench: ['libs', 'schemas', 'services', 'simulator', 'deploy', 'cli', 'tests'],
}

const KAFKAJS_HOME = 'libs/event-log/kafka.ts'

/** Static, side-effect, re-exporting and dynamic imports, in the order of the text; comments are left out. */
export function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const statement =
    /^\s*(?:import|export)\b[^'"`;()=]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm
  return [...code.matchAll(statement)].map((match) => (match[1] ?? match[2] ?? match[3])!)
}

/** One line per import of `file` (a path from the project's root) that breaks a rule. */
export function violations(file: string, source: string): string[] {
  return importsOf(source).flatMap((specifier) => {
    const problem = problemOf(file, specifier)
    return problem === undefined ? [] : [`${file} imports ${specifier}: ${problem}`]
  })
}

function problemOf(file: string, specifier: string): string | undefined {
  const test = isTest(file)
  if (specifier === 'kafkajs' || specifier.startsWith('kafkajs/')) {
    return file === KAFKAJS_HOME || test ? undefined : `only ${KAFKAJS_HOME} imports kafkajs`
  }
  if (!specifier.startsWith('#') && !specifier.startsWith('.')) return undefined
  const own = partOf(file)
  const target = specifier.startsWith('#') ? specifier.slice(1) : posix.join(posix.dirname(file), specifier)
  if (target === 'package.json') return undefined // the project's own name and version
  if (specifier.startsWith('.')) {
    if (!within(target, own)) return `leaves ${own}; use a # path`
  }
  if (specifier.startsWith('#') && !ROOTS.has(target.split('/')[0]!)) return 'no such # path'
  if (!test && isTest(target)) return 'product code does without what is there for tests'
  if (within(target, own)) return undefined
  const allowed = test
    ? ['libs', 'schemas', 'simulator', 'deploy', 'tests', ...mayImport(file)]
    : mayImport(file)
  if (allowed.some((part) => within(target, part))) return undefined
  return `${own} may import ${allowed.length === 0 ? 'nothing else' : allowed.join(', ')}`
}

const ROOTS = new Set(Object.keys(MAY_IMPORT).map((part) => part.split('/')[0]!))

/** The unit that a file belongs to: one library, one service, or one of the folders at the top. */
function partOf(file: string): string {
  const [top, second] = file.split('/')
  const split = top === 'libs' || (top === 'services' && file.split('/').length > 2)
  return split ? `${top}/${second}` : top!
}

function mayImport(file: string): readonly string[] {
  const parts = Object.keys(MAY_IMPORT).filter((part) => within(file, part))
  const longest = parts.sort((a, b) => b.length - a.length)[0]
  return longest === undefined ? [] : MAY_IMPORT[longest]!
}

function within(path: string, part: string): boolean {
  return path === part || path.startsWith(`${part}/`)
}

/**
 * Suites, the contract suites that they call, their helpers (`testing.ts`, `test-….ts`), and benchmarks, which speak to the
 * peers that they measure.
 */
function isTest(file: string): boolean {
  return (
    /^(tests|bench)\//.test(file) ||
    /(\.i?test|\/testing|\/(test|contract)(-[\w-]+)?|\.contract)\.ts$/.test(file)
  )
}
