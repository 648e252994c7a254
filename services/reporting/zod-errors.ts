import type { z } from 'zod'
import type { FieldError } from '#libs/service/problem.ts'

type Issue = z.core.$ZodIssue

/** What zod found, field by field, in words; `known` has the names that each object takes, by its path. */
export function fieldErrors(
  error: z.ZodError,
  body: unknown,
  known: Readonly<Record<string, readonly string[]>>,
): readonly FieldError[] {
  return error.issues.flatMap((issue) => issueErrors(issue, [], body, known))
}

function issueErrors(
  issue: Issue,
  parent: readonly PropertyKey[],
  body: unknown,
  known: Readonly<Record<string, readonly string[]>>,
): readonly FieldError[] {
  const path = [...parent, ...issue.path]
  const field = path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const names = known[field]?.join(', ')
    return issue.keys.map((key) => ({
      field: [...path, key.slice(0, 60)].map(String).join('.'),
      message: `is not a field: ${names ? `use ${names}` : 'remove it'}`,
    }))
  }
  if (issue.code === 'invalid_union') {
    // One value or a list of them: the list's complaints fit a list, the value's anything else.
    const isList = Array.isArray(at(body, path))
    const branch = isList ? issue.errors.at(-1) : issue.errors[0]
    return (branch ?? []).flatMap((inner) => issueErrors(inner, path, body, known))
  }
  return [{ field: field || 'body', message: toSentence(issue) }]
}

function toSentence(issue: Issue): string {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`
  if (issue.code === 'too_small') return 'must not be empty: leave it out'
  if (issue.code === 'too_big') return `may have ${issue.maximum} values`
  if (issue.code === 'invalid_format' && issue.format === 'datetime') {
    return 'must be a time such as 2026-01-31T12:00:00Z'
  }
  return issue.message
}

const article = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined
    current = (current as Record<PropertyKey, unknown>)[key]
  }
  return current
}

/** Whether any text in it is one that PostgreSQL can not store: a NUL character or half a surrogate pair. */
export function hasUnstorableText(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed()
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasUnstorableText)
}
