import { SpApiInputError } from '../errors.ts'
import type { Operation, ParameterDefinition } from './operation.ts'
import { problems, validatorAt } from './schemas.ts'

/** What of a request an operation's parameters make. */
export interface EncodedRequest {
  /** Every segment encoded once: SKUs hold slashes, spaces and per cent signs. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/**
 * Checks an operation's parameters against Amazon's model and makes a request of them. Throws an `INVALID_REQUEST`
 * error that names every parameter that is wrong and what would be right; nothing has been sent then.
 */
export function encodeRequest(operation: Operation<unknown, unknown>, parameters: object): EncodedRequest {
  const values = parameters as Readonly<Record<string, unknown>>
  const wrong = [
    ...unknownNames(operation, values),
    ...operation.parameters.flatMap((_, index) => check(operation, index, values)),
  ]
  if (wrong.length > 0) throw new SpApiInputError('INVALID_REQUEST', `${operation.key}: ${wrong.join('; ')}`)
  let path = operation.path
  const query = new URLSearchParams()
  const headers: Record<string, string> = {}
  let body: string | null = null
  for (const parameter of operation.parameters) {
    const value = values[parameter.name]
    if (value === undefined) continue
    switch (parameter.in) {
      case 'path':
        path = path.replace(`{${parameter.name}}`, encodeURIComponent(String(value)))
        break
      case 'query':
        for (const text of queryTexts(parameter, value)) query.append(parameter.name, text)
        break
      case 'header':
        headers[parameter.name] = String(value)
        break
      case 'body':
        body = JSON.stringify(value)
    }
  }
  return { path, query, headers, body }
}

function unknownNames(
  operation: Operation<unknown, unknown>,
  values: Readonly<Record<string, unknown>>,
): string[] {
  const known = operation.parameters.map(({ name }) => name)
  return Object.keys(values)
    .filter((name) => values[name] !== undefined && !known.includes(name))
    .map((name) => `${name} is no parameter of it; they are ${known.join(', ')}`)
}

function check(
  operation: Operation<unknown, unknown>,
  index: number,
  values: Readonly<Record<string, unknown>>,
): string[] {
  const { name, required, in: place } = operation.parameters[index]!
  const value = values[name]
  if (value === undefined) return required ? [`${name} is missing`] : []
  // An empty segment would make a request of the path above it.
  if (place === 'path' && value === '') return [`${name} is empty`]
  // However they are encoded, a URL's parser takes dots for steps upwards.
  if (place === 'path' && (value === '.' || value === '..'))
    return [`${name} is "${value}", which no URL can hold`]
  if (place === 'path' && !String(value).isWellFormed()) return [`${name} holds half a character`]
  const validate = validatorAt(
    operation.definition,
    'request',
    `/operations/${operation.operationId}/parameters/${index}/schema`,
  )
  return validate(value) ? [] : problems(validate.errors, name)
}

function queryTexts({ repeated, name }: ParameterDefinition, value: unknown): string[] {
  if (!Array.isArray(value)) return [String(value)]
  const texts = value.map(String)
  if (repeated) return texts
  const split = texts.find((text) => text.includes(','))
  if (split !== undefined)
    throw new SpApiInputError(
      'INVALID_REQUEST',
      `${name}: a value holds a comma, which parts values; ask for it in a request of its own kind`,
    )
  return [texts.join(',')]
}
