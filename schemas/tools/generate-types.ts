import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { typesOf } from '#schemas/tools/types-source.ts'
import { loadSchemas, newest, SCHEMAS_FOLDER } from '#schemas/versions.ts'

const GENERATED = join(SCHEMAS_FOLDER, 'generated')

/** What `schemas/generated/` has to hold: file names with their contents. */
export function expectedTypes(schemas = loadSchemas()): ReadonlyMap<string, string> {
  const files = [...schemas.values()].map((versions) => typesOf(newest(versions)))
  return new Map(files.map(({ name, source }) => [name, source]))
}

/** Files of `schemas/generated/` that differ from what the schemas say, are missing, or should not be there. */
export function driftedTypes(expected = expectedTypes(), folder = GENERATED): readonly string[] {
  const there = new Set(readdirSync(folder))
  const wrong = [...expected].filter(
    ([name, source]) => !there.has(name) || readFileSync(join(folder, name), 'utf8') !== source,
  )
  return [...wrong.map(([name]) => name), ...[...there].filter((name) => !expected.has(name))]
}

if (import.meta.main) {
  const expected = expectedTypes()
  mkdirSync(GENERATED, { recursive: true })
  for (const name of readdirSync(GENERATED)) if (!expected.has(name)) rmSync(join(GENERATED, name))
  for (const [name, source] of expected) writeFileSync(join(GENERATED, name), source)
  console.log(`schemas/generated: ${[...expected.keys()].join(', ')}`)
}
