import type { Operation } from './operation.ts'
import { problems, validatorAt } from './schemas.ts'

/** Messages name at most so many places of an answer. */
const MOST_PLACES = 3

/**
 * The body of an operation's answer, checked against Amazon's model. What is null there counts as absent, which is
 * what Amazon means by it; fields and values that the model does not know are kept. Throws when the body has another
 * shape; the message names the places, never the content.
 */
export function readAnswer<A>(operation: Operation<unknown, A>, body: unknown): A {
  const answer = operation.definition.operations[operation.operationId]!.answer
  if (answer === null) return undefined as A
  const present = withoutNulls(body)
  const validate = validatorAt(operation.definition, 'answer', `/operations/${operation.operationId}/answer`)
  if (validate(present)) return present as A
  const places = problems(validate.errors, 'body')
  const more = places.length > MOST_PLACES ? `, and ${places.length - MOST_PLACES} more` : ''
  throw new Error(`unexpected answer: ${places.slice(0, MOST_PLACES).join(', ')}${more}`)
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => one !== null).map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  // Defined and not assigned: a field may be named __proto__.
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => (one === null ? [] : [[name, withoutNulls(one)]])),
  )
}
