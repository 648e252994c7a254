import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { topics } from '#schemas/topics.ts'

/** JSON of an Avro schema, as a `.avsc` file has it. */
export type AvroJson = string | readonly AvroJson[] | { readonly [name: string]: unknown }

/** One kept version of a topic's record: `schemas/<topic>/v<version>.avsc` and the examples beside it. */
export interface SchemaVersion {
  readonly topic: string
  readonly version: number
  readonly file: string
  readonly schema: AvroJson
  readonly examples: readonly Example[]
}

/** `schemas/<topic>/v<version>.example-<name>.json`: a value as the codec decodes it. */
export interface Example {
  readonly name: string
  readonly file: string
  readonly value: unknown
}

export const SCHEMAS_FOLDER: string = import.meta.dirname

/**
 * Every kept version of every topic that has a record, oldest first.
 *
 * @throws Error naming the file when one is missing, is not JSON, or the versions have a gap.
 */
export function loadSchemas(folder: string = SCHEMAS_FOLDER): ReadonlyMap<string, readonly SchemaVersion[]> {
  const withRecord = topics.filter((topic) => topic.record !== null)
  return new Map(withRecord.map((topic) => [topic.name, loadTopic(join(folder, topic.name), topic.name)]))
}

/** The version that today's code reads and writes. */
export function newest(versions: readonly SchemaVersion[]): SchemaVersion {
  const last = versions.at(-1)
  if (last === undefined) throw new Error('A topic has no schema version; add schemas/<topic>/v1.avsc')
  return last
}

/** Subject of a topic's values in a schema registry: Confluent's TopicNameStrategy. */
export const subjectOf = (topic: string): string => `${topic}-value`

function loadTopic(folder: string, topic: string): readonly SchemaVersion[] {
  const names = readdirSync(folder)
  const numbers = names
    .flatMap((name) => /^v(\d+)\.avsc$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
  if (numbers.length === 0) throw new Error(`${folder} has no v1.avsc; every topic with a record needs one`)
  numbers.forEach((version, index) => {
    if (version !== index + 1) {
      throw new Error(`${folder} has no v${index + 1}.avsc; versions are kept for ever, without gaps`)
    }
  })
  return numbers.map((version) => {
    const file = join(folder, `v${version}.avsc`)
    return {
      topic,
      version,
      file,
      schema: readJson(file) as AvroJson,
      examples: loadExamples(folder, names, version),
    }
  })
}

function loadExamples(folder: string, names: readonly string[], version: number): readonly Example[] {
  return names
    .filter((name) => name.startsWith(`v${version}.example-`) && name.endsWith('.json'))
    .sort()
    .map((name) => {
      const file = join(folder, name)
      return { name: name.slice(`v${version}.example-`.length, -'.json'.length), file, value: readJson(file) }
    })
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`${file} is not readable JSON: ${(error as Error).message}`, { cause: error })
  }
}
