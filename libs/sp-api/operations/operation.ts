import type { OperationKey } from '../usage-plans.ts'
import { pagingOf } from './paging.ts'
import { type Category, categoryOf, type GrantlessScope, isRepeatable, keyOf, scopeOf } from './traits.ts'

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH'

/** A schema as Ajv reads it. */
export type JsonSchema = Readonly<Record<string, unknown>>

export interface ParameterDefinition {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'body'
  readonly required: boolean
  /** An array stands in the query once per value; otherwise once, separated by commas. */
  readonly repeated?: boolean
  readonly schema: JsonSchema
}

/** An operation as the generated JSON of its API describes it. */
export interface OperationDefinition {
  readonly method: string
  readonly path: string
  readonly parameters: readonly ParameterDefinition[]
  /** Null: the answer has no body. */
  readonly answer: JsonSchema | null
}

/** A generated JSON file: all operations of one API, and the schemas that they share. */
export interface ApiDefinition {
  readonly operations: Readonly<Record<string, OperationDefinition>>
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

/** Where an API's pages hide their token, and how the next page is asked for. */
export interface Paging {
  /** The parameter that takes the token. */
  readonly parameter: string
  /** Where the answer has it. */
  readonly token: readonly string[]
  /** The next page is asked for by the token alone: Amazon refuses other parameters beside it. */
  readonly alone: boolean
  /** What other parameters must be for the token to count. */
  readonly besides?: Readonly<Record<string, string>>
  /** The token is worthless after this long, in milliseconds: the next page goes before other work. */
  readonly expiresMs?: number
}

/**
 * One operation of Amazon's API: what `SpApi.call` and `SpApi.pages` take. `P`: its parameters by Amazon's own names,
 * the body as `body`. `A`: the body of its answer, `undefined` when it has none.
 */
export interface Operation<P, A> {
  /** The operation's id; with its API before it where an older version has one of the same name. */
  readonly key: OperationKey
  readonly api: string
  readonly method: Method
  readonly path: string
  readonly parameters: readonly ParameterDefinition[]
  readonly category: Category
  /** Null: a seller's refresh token. Otherwise the scope of the application's own token. */
  readonly scope: GrantlessScope | null
  /** Sending it a second time does no harm: it may be repeated when nobody knows whether it arrived. */
  readonly repeatable: boolean
  readonly paging: Paging | null
  readonly definition: ApiDefinition
  readonly operationId: string
  /** For the types alone; never there. */
  readonly types?: { readonly parameters: P; readonly answer: A }
}

/** Makes the operations of one API of its generated JSON. */
export function operationsOf(
  api: string,
  definition: object,
): (operationId: string) => Operation<never, never> {
  const { operations, schemas } = definition as ApiDefinition
  return (operationId) => {
    const described = operations[operationId]
    if (described === undefined) throw new Error(`${api} has no operation ${operationId}`)
    const { method, path, parameters } = described
    return {
      key: keyOf(api, operationId) as OperationKey,
      api,
      operationId,
      method: method as Method,
      path,
      parameters,
      category: categoryOf(api),
      scope: scopeOf(operationId),
      repeatable: isRepeatable(method as Method, operationId),
      paging: pagingOf(api, operationId, parameters),
      definition: { operations, schemas },
    }
  }
}
