/**
 * Makes `libs/sp-api/operations/generated` of Amazon's API models (github.com/amzn/selling-partner-api-models):
 *
 *     npm run sp-api:generate -- <folder of the models>
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apis } from './apis.ts'
import { plansSource, schemaSource } from './schema-source.ts'
import { readModel } from './swagger.ts'
import { typesSource } from './types-source.ts'

export const GENERATED = join(import.meta.dirname, '../operations/generated')

/** What the folder has to hold: file names with their contents. */
export function expectedFiles(models: string): ReadonlyMap<string, string> {
  const read = apis.map(({ model, name }) => [name, readModel(models, model)] as const)
  const files = read.flatMap(([name, model]) => [
    [`${name}.json`, schemaSource(model)] as const,
    [`${name}.ts`, typesSource(name, model)] as const,
  ])
  return new Map([...files, ['plans.ts', plansSource(read)]])
}

/** Files that differ from what the models say, are missing, or should not be there. */
export function driftedFiles(models: string): readonly string[] {
  const expected = expectedFiles(models)
  const there = new Set(readdirSync(GENERATED))
  const wrong = [...expected].filter(
    ([name, source]) => !there.has(name) || readFileSync(join(GENERATED, name), 'utf8') !== source,
  )
  return [...wrong.map(([name]) => name), ...[...there].filter((name) => !expected.has(name))]
}

if (import.meta.main) {
  const models = process.argv[2]
  if (models === undefined || !existsSync(join(models, apis[0].model))) {
    console.error(`Name the folder that holds Amazon's models, such as ${apis[0].model}.`)
    process.exit(2)
  }
  const expected = expectedFiles(models)
  mkdirSync(GENERATED, { recursive: true })
  for (const name of readdirSync(GENERATED)) if (!expected.has(name)) rmSync(join(GENERATED, name))
  for (const [name, source] of expected) writeFileSync(join(GENERATED, name), source)
  console.log(`${apis.length} APIs: ${[...expected.keys()].join(', ')}`)
}
