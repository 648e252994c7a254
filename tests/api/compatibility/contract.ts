import type { ApiDocument, Operation } from './changes.ts'

/** What is for people, who put up with changes. */
const PROSE = new Set(['description', 'summary', 'title', 'tags', 'info', 'servers', 'examples', 'example'])
/** Their keys are names that somebody chose, which may be `title`. */
const NAMED = new Set(['properties', 'schemas', '$defs', 'patternProperties'])
/** Values, not descriptions. */
const VALUES = new Set(['default', 'enum', 'const', 'required'])

/**
 * An OpenAPI document without its prose, and without what problems look like, which is the same everywhere: what programs
 * depend on, operation by operation.
 */
export function contractOf(document: Readonly<Record<string, unknown>>): ApiDocument {
  const contract = withoutProse(document, false) as ApiDocument
  return { ...contract, paths: each(contract.paths, (path) => each(path, withoutProblems)) }
}

function withoutProblems(operation: Operation): Operation {
  const { responses = {} } = operation
  const successes = Object.entries(responses).filter(([status]) => Number(status) < 400)
  return { ...operation, responses: Object.fromEntries(successes) }
}

const each = <T>(record: Readonly<Record<string, T>>, change: (value: T) => T) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

function withoutProse(value: unknown, hasNames: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item, false))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => hasNames || !PROSE.has(key))
      .map(([key, inner]) => [
        key,
        !hasNames && VALUES.has(key) ? inner : withoutProse(inner, !hasNames && NAMED.has(key)),
      ]),
  )
}
