import { keyOf } from '../operations/traits.ts'
import type { ApiName } from './apis.ts'
import { publishedPlan, type SwaggerModel, type SwaggerOperation, type SwaggerSchema } from './swagger.ts'

/** What of a schema binds a value; prose, titles and examples are left behind. */
const KEYWORDS = [
  'type',
  'required',
  'enum',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
]

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The operations of a model that exist outside of Amazon's sandbox. */
export function productionOperations(model: SwaggerModel): SwaggerOperation[] {
  return model.operations
    .filter(({ sandboxOnly }) => !sandboxOnly)
    .sort((a, b) => (a.operationId < b.operationId ? -1 : 1))
}

/** The schema of what an operation answers when it succeeds; none when it answers without a body. */
export function successSchema({ operationId, responses }: SwaggerOperation): SwaggerSchema | undefined {
  const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  if (successes.length !== 1) throw new Error(`${operationId}: ${successes.length} answers count as success`)
  return successes[0]![1].schema
}

/** The generated JSON of an API: one line per operation and per schema, so that a change of Amazon's reads as one. */
export function schemaSource(model: SwaggerModel): string {
  const operations = productionOperations(model)
  const lines = (entries: ReadonlyArray<readonly [string, Json]>) =>
    entries.map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(',\n')
  const schemas = reachable(model, operations).map(
    (name) => [name, schemaOf(model.definitions[name]!)] as const,
  )
  const described = operations.map((operation) => [operation.operationId, operationOf(operation)] as const)
  return `{\n  "operations": {\n${lines(described)}\n  },\n  "schemas": {\n${lines(schemas)}\n  }\n}\n`
}

/** The generated list of all operations with their usage plans, for those who need no more of them. */
export function plansSource(models: ReadonlyArray<readonly [api: ApiName, model: SwaggerModel]>): string {
  const entries = models.flatMap(([api, model]) =>
    productionOperations(model).map(({ operationId, description }) => {
      const plan = publishedPlan(description)
      const value = plan === null ? 'null' : `{ ratePerSecond: ${plan.ratePerSecond}, burst: ${plan.burst} }`
      return `  '${keyOf(api, operationId)}': ${value},\n`
    }),
  )
  return [
    '// Made by `npm run sp-api:generate` of the usage plans in Amazon’s API models. Not to be edited.\n\n',
    '/** Requests a second and burst by operation, as Amazon publishes them; null where it does not. */\n',
    `export const publishedPlans = {\n${entries.join('')}} as const\n`,
  ].join('')
}

function operationOf(operation: SwaggerOperation): Json {
  const answer = successSchema(operation)
  return {
    method: operation.method,
    path: operation.path,
    parameters: operation.parameters.map((parameter) => ({
      name: parameter.name,
      in: parameter.in,
      required: parameter.required !== undefined && Boolean(parameter.required),
      ...(parameter.collectionFormat === 'multi' ? { repeated: true } : {}),
      schema: parameter.schema ? schemaOf(parameter.schema) : schemaOf(withoutRequired(parameter)),
    })),
    answer: answer === undefined ? null : schemaOf(answer),
  }
}

/** A parameter's own `required` says that it must be there, not which properties it has. */
function withoutRequired(parameter: SwaggerSchema): SwaggerSchema {
  const { required: _, ...schema } = parameter
  return schema
}

function schemaOf(schema: SwaggerSchema): { readonly [key: string]: Json } {
  if (schema.$ref !== undefined) return { $ref: `#/schemas/${definitionName(schema.$ref)}` }
  const result: Record<string, Json> = {}
  for (const keyword of KEYWORDS) if (schema[keyword] !== undefined) result[keyword] = schema[keyword] as Json
  if (schema.pattern !== undefined && isPattern(schema.pattern)) result.pattern = schema.pattern
  if (schema.properties)
    result.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, schemaOf(property)]),
    )
  if (schema.items) result.items = schemaOf(schema.items)
  if (schema.allOf) result.allOf = schema.allOf.map(schemaOf)
  if (typeof schema.additionalProperties === 'object')
    result.additionalProperties = schemaOf(schema.additionalProperties)
  return result
}

/** Some of Amazon's patterns are in the dialect of another language. */
function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    return false
  }
}

export function definitionName(reference: string): string {
  return reference.replace('#/definitions/', '')
}

/** The names of the definitions that the operations use, directly or not, in order. */
export function reachable(model: SwaggerModel, operations: readonly SwaggerOperation[]): string[] {
  const found = new Set<string>()
  const visit = (schema: SwaggerSchema | undefined): void => {
    if (schema === undefined) return
    if (schema.$ref !== undefined) {
      const name = definitionName(schema.$ref)
      if (found.has(name)) return
      const definition = model.definitions[name]
      if (definition === undefined) throw new Error(`no definition ${name}`)
      found.add(name)
      visit(definition)
    }
    for (const property of Object.values(schema.properties ?? {})) visit(property)
    visit(schema.items)
    for (const part of schema.allOf ?? []) visit(part)
    if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties)
  }
  for (const operation of operations) {
    for (const { schema } of operation.parameters) visit(schema)
    visit(successSchema(operation))
  }
  return [...found].sort((a, b) => (a < b ? -1 : 1))
}
