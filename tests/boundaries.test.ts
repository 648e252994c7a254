import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { importsOf, violations } from './support/boundaries.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const ROOTS = ['libs', 'services', 'schemas', 'simulator', 'cli', 'deploy', 'tests', 'bench']

it('every import keeps the rules of docs/architecture.md', () => {
  const files = ROOTS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    sourceFiles(folder),
  )
  expect(files.length).toBeGreaterThan(20)
  expect(files.flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8')))).toEqual([])
})

it('finds imports in every form', () => {
  const source = `
    import a from 'a'
    import { b,
      c } from "b"
    import type { D } from '#libs/d.ts'
    import './e.ts'
    export * from '#libs/f.ts'
    export { g } from './g.ts'
    const h = await import('#libs/h.ts')
    // import x from 'commented'
    const text = "from nowhere"
  `
  expect(importsOf(source)).toEqual(['a', 'b', '#libs/d.ts', './e.ts', '#libs/f.ts', './g.ts', '#libs/h.ts'])
})

it.each([
  ['a library importing a service', 'libs/stream/runner.ts', '#services/persister/main.ts'],
  ['a library importing the command line', 'libs/service/config.ts', '#cli/asinstream.ts'],
  ['a library importing the simulator', 'libs/sp-api/client.ts', '#simulator/server.ts'],
  ['a library importing one that its row does not name', 'libs/gtin/parse.ts', '#libs/db/entities.ts'],
  ['a service importing another', 'services/persister/main.ts', '#services/reporting/main.ts'],
  ['a service importing the command line', 'services/reporting/main.ts', '#cli/asinstream.ts'],
  ['the simulator importing a library', 'simulator/server.ts', '#libs/gtin/parse.ts'],
  ['schemas importing the database', 'schemas/codec.ts', '#libs/db/entities.ts'],
  ['a second file importing kafkajs', 'libs/stream/runner.ts', 'kafkajs'],
  ['product code importing a helper of its tests', 'libs/stream/runner.ts', './test-double.ts'],
  ['product code importing the tests', 'libs/gtin/parse.ts', '#tests/support/backing.ts'],
  ['a relative path out of the folder', 'libs/gtin/parse.ts', '../matching/score.ts'],
  ['a relative path to another service', 'services/persister/main.ts', '../reporting/http.ts'],
  ['a # path that nothing answers to', 'libs/gtin/parse.ts', '#elsewhere/x.ts'],
])('catches %s', (_, file, specifier) => {
  expect(violations(file, `import { x } from '${specifier}'`)).toHaveLength(1)
})

it.each([
  ['a service importing a library', 'services/persister/main.ts', '#libs/db/database.ts'],
  ['all.ts importing every service', 'services/all.ts', '#services/reporting/main.ts'],
  ['the adapter importing kafkajs', 'libs/event-log/kafka.ts', 'kafkajs'],
  ['matching importing gtin', 'libs/matching/score.ts', '#libs/gtin/parse.ts'],
  ['a path inside the folder', 'libs/sp-api/catalog/search.ts', '../client.ts'],
  ['an integration suite importing test support', 'libs/db/claims.itest.ts', '#tests/support/backing.ts'],
  ['a helper of suites importing test support', 'services/reporting/testing.ts', '#tests/support/backing.ts'],
  ['an integration suite speaking to Kafka itself', 'libs/event-log/kafka.itest.ts', 'kafkajs'],
])('allows %s', (_, file, specifier) => {
  expect(violations(file, `import { x } from '${specifier}'`)).toEqual([])
})

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => !file.includes('node_modules'))
}
