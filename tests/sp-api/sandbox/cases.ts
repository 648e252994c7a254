import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { apis } from '#libs/sp-api/tools/apis.ts'
import { readModel, type SwaggerParameter, type SwaggerSchema } from '#libs/sp-api/tools/swagger.ts'

/** Amazon's API models, which lie beside the repository where they may be used. */
export const modelsFolder = join(import.meta.dirname, '../../../../shared/sp-api/models')
export const modelsPresent = existsSync(modelsFolder)

export interface SandboxParameter extends SwaggerParameter {
  readonly type?: string
}

/** One of Amazon's static sandbox cases: `x-amzn-api-sandbox`. */
export interface SandboxCase {
  readonly status: number
  /** By the model's name of the parameter; the body as `body`. */
  readonly given: Readonly<Record<string, unknown>>
  readonly response: unknown
}

export interface SandboxOperation {
  readonly api: string
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly SandboxParameter[]
  readonly cases: readonly SandboxCase[]
  readonly definitions: Readonly<Record<string, SwaggerSchema>>
  /** Whether a parameter has to be there. */
  isRequired(parameter: SandboxParameter): boolean
}

/** Every operation that exists outside of the sandbox, with its cases there. */
export function sandboxOperations(): SandboxOperation[] {
  return apis.flatMap(({ model, name }) => {
    const { definitions, operations } = readModel(modelsFolder, model)
    return operations
      .filter(({ sandboxOnly }) => !sandboxOnly)
      .map(({ operationId, method, path, parameters, responses }) => ({
        api: name,
        operationId,
        method,
        path,
        parameters,
        cases: Object.entries(responses).flatMap(([status, response]) => casesOf(Number(status), response)),
        definitions,
        isRequired: (parameter) => (parameter.required as unknown) === true,
      }))
  })
}

interface Static {
  readonly request?: { readonly parameters?: Readonly<Record<string, { readonly value?: unknown }>> }
  readonly response?: unknown
}

function casesOf(status: number, response: Readonly<Record<string, unknown>>): SandboxCase[] {
  const sandbox = response['x-amzn-api-sandbox'] as { readonly static?: readonly Static[] } | undefined
  return (sandbox?.static ?? []).map((one) => ({
    status,
    given: Object.fromEntries(
      Object.entries(one.request?.parameters ?? {}).flatMap(([name, { value }]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ),
    response: one.response,
  }))
}

/** Text as the URL has it; lists separated by commas. */
export function textOf(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(',') : String(value)
}

/** The smallest value that a schema of the model allows. */
export function anyValue(
  schema: SwaggerSchema & { readonly schema?: SwaggerSchema },
  definitions: Readonly<Record<string, SwaggerSchema>>,
): unknown {
  const { type, enum: values, items, properties = {}, required = [], allOf, $ref } = schema
  if (schema.schema !== undefined) return anyValue(schema.schema, definitions)
  if ($ref !== undefined) return anyValue(definitions[$ref.replace('#/definitions/', '')]!, definitions)
  if (allOf !== undefined) return Object.assign({}, ...allOf.map((one) => anyValue(one, definitions)))
  if (values !== undefined) return values[0]
  switch (type) {
    case 'array':
      return [anyValue(items ?? {}, definitions)]
    case 'integer':
    case 'number':
      return 1
    case 'boolean':
      return true
    case 'string':
      return 'any'
    default:
      return Object.fromEntries(required.map((name) => [name, anyValue(properties[name] ?? {}, definitions)]))
  }
}
