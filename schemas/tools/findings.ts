import { isDeepStrictEqual } from 'node:util'
import { type AvroType, avroType, invalidPaths } from '#schemas/avro-type.ts'
import { unreadable } from '#schemas/tools/compatibility.ts'
import { lintAddedFields, lintVersion } from '#schemas/tools/lint.ts'
import { parseSchema } from '#schemas/tools/parse-schema.ts'
import { newest, type SchemaVersion } from '#schemas/versions.ts'

/** Everything that is wrong with the kept versions of one topic, oldest first: one line per finding. */
export function findings(versions: readonly SchemaVersion[]): readonly string[] {
  const lint = versions.flatMap((version) => named(version, lintVersion(version)))
  const added = versions.slice(1).flatMap((version) => named(version, lintAddedFields(versions[0]!, version)))
  const broken = [...lint, ...added, ...incompatible(versions)]
  // Examples can not be judged by schemas that are not sound.
  return broken.length > 0
    ? broken
    : versions.flatMap((version) => named(version, badExamples(version, newest(versions))))
}

/** FULL_TRANSITIVE: every version reads every other one. */
export function incompatible(versions: readonly SchemaVersion[]): readonly string[] {
  return versions.flatMap((reader) =>
    versions
      .filter((writer) => writer !== reader)
      .flatMap((writer) => {
        const problems = unreadable(parseSchema(reader.schema), parseSchema(writer.schema))
        const all = problems.length > 0 ? problems : refusedByAvsc(reader, writer)
        return all.map(
          (problem) =>
            `${reader.topic}: v${reader.version} can not read what v${writer.version} wrote: ${problem}`,
        )
      }),
  )
}

/** The library that decodes has the last word. */
function refusedByAvsc(reader: SchemaVersion, writer: SchemaVersion): readonly string[] {
  try {
    avroType(reader.schema).createResolver(avroType(writer.schema))
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}

function badExamples(version: SchemaVersion, today: SchemaVersion): readonly string[] {
  if (version.examples.length === 0)
    return [`has no example; add v${version.version}.example-<name>.json beside it`]
  const writer = avroType(version.schema)
  const reader = avroType(today.schema)
  return version.examples.flatMap(({ name, value }) => {
    const paths = invalidPaths(writer, value)
    if (paths.length > 0) return [`example ${name} does not fit: ${paths.join('; ')}`]
    return [...roundTrip(name, value, writer), ...readToday(name, value, writer, reader)]
  })
}

function roundTrip(name: string, value: unknown, type: AvroType): readonly string[] {
  const back: unknown = JSON.parse(JSON.stringify(type.fromBuffer(type.toBuffer(value))))
  if (isDeepStrictEqual(back, value)) return []
  return [
    `example ${name} is not complete: decoded it differs, so it leaves fields out or has some that the schema has not`,
  ]
}

function readToday(name: string, value: unknown, writer: AvroType, reader: AvroType): readonly string[] {
  const today: unknown = reader.fromBuffer(writer.toBuffer(value), reader.createResolver(writer))
  const paths = invalidPaths(reader, today)
  return paths.length === 0
    ? []
    : [`example ${name} does not decode with today's reader: ${paths.join('; ')}`]
}

const named = ({ topic, version }: SchemaVersion, problems: readonly string[]): readonly string[] =>
  problems.map((problem) => `${topic} v${version}: ${problem}`)
