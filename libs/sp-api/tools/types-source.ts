import type { ApiName } from './apis.ts'
import { definitionName, productionOperations, reachable, successSchema } from './schema-source.ts'
import type { SwaggerModel, SwaggerOperation, SwaggerSchema } from './swagger.ts'

/** Names that mean something else in TypeScript. */
const RENAMED: Readonly<Record<string, string>> = {
  Error: 'ApiError',
  Date: 'ApiDate',
  Promise: 'ApiPromise',
}

/** The generated module of an API: a type per schema, and per operation its parameters' type and its value. */
export function typesSource(api: ApiName, model: SwaggerModel): string {
  const operations = productionOperations(model)
  const names = reachable(model, operations)
  const types = names.map((name) => declaration(typeName(name), model.definitions[name]!))
  const taken = new Set(names.map(typeName))
  return [
    '// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.\n',
    "import { type Operation, operationsOf } from '../operation.ts'\n",
    `import api from './${api}.json' with { type: 'json' }\n\n`,
    ...types.map((type) => `${type}\n\n`),
    ...operations.map((operation) => `${parametersType(operation, taken)}\n\n`),
    `const operations = operationsOf('${api}', api)\n\n`,
    operations.map(operationValue).join('\n'),
  ].join('')
}

function typeName(name: string): string {
  const safe = RENAMED[name] ?? name
  if (!/^[A-Za-z_]\w*$/.test(safe)) throw new Error(`${name} is no name for a type`)
  return safe
}

function parametersName({ operationId }: SwaggerOperation): string {
  return `${operationId[0]!.toUpperCase()}${operationId.slice(1)}Parameters`
}

function parametersType(operation: SwaggerOperation, taken: ReadonlySet<string>): string {
  const name = parametersName(operation)
  if (taken.has(name)) throw new Error(`${name} is a type of the model already`)
  const properties = operation.parameters.map((parameter) => {
    const schema = parameter.schema ?? parameter
    return { name: parameter.name, required: Boolean(parameter.required), type: typeOf(schema, '  ', false) }
  })
  return `export interface ${name} ${block(properties, '')}`
}

function operationValue(operation: SwaggerOperation): string {
  const { operationId, method, path, deprecated } = operation
  const answer = successSchema(operation)
  const note = deprecated ? ' @deprecated by Amazon.' : ''
  const type = `Operation<${parametersName(operation)}, ${answer ? typeOf(answer, '', true) : 'undefined'}>`
  return `/** ${method} ${path}${note} */\nexport const ${operationId}: ${type} =\n  operations('${operationId}')\n`
}

function declaration(name: string, schema: SwaggerSchema): string {
  if (isPlainObject(schema)) return `export interface ${name} ${block(propertiesOf(schema, ''), '')}`
  return `export type ${name} = ${typeOf(schema, '', true)}`
}

function isPlainObject(schema: SwaggerSchema): boolean {
  return schema.properties !== undefined && schema.allOf === undefined && !schema.additionalProperties
}

interface Property {
  readonly name: string
  readonly required: boolean
  readonly type: string
}

function propertiesOf(schema: SwaggerSchema, indent: string): Property[] {
  const required = new Set(schema.required ?? [])
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    required: required.has(name),
    type: typeOf(property, `${indent}  `, true),
  }))
}

function block(properties: readonly Property[], indent: string): string {
  if (properties.length === 0) return '{}'
  const lines = properties.map(
    ({ name, required, type }) => `${indent}  readonly ${key(name)}${required ? '' : '?'}: ${type}\n`,
  )
  return `{\n${lines.join('')}${indent}}`
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

/**
 * The type of a schema's values. `open`: Amazon adds values to its enumerations without notice, so an answer may hold
 * others than those that are known; a request may not.
 */
function typeOf(schema: SwaggerSchema, indent: string, open: boolean): string {
  if (schema.$ref !== undefined) return typeName(definitionName(schema.$ref))
  if (schema.allOf)
    return [...schema.allOf, ...(schema.properties ? [withoutAllOf(schema)] : [])]
      .map((part) => typeOf(part, indent, open))
      .join(' & ')
  if (schema.enum && schema.type !== 'array') {
    const values = schema.enum.map((value) => JSON.stringify(value))
    return [...values, ...(open && schema.type === 'string' ? ['(string & {})'] : [])].join(' | ')
  }
  switch (schema.type) {
    case 'string':
      return 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'array':
      return `ReadonlyArray<${typeOf(schema.items ?? {}, indent, open)}>`
    default:
      return objectType(schema, indent)
  }
}

function objectType(schema: SwaggerSchema, indent: string): string {
  const further = schema.additionalProperties
  const rest =
    typeof further === 'object' ? `Readonly<Record<string, ${typeOf(further, indent, true)}>>` : null
  if (schema.properties) {
    const own = block(propertiesOf(schema, indent), indent)
    return rest === null ? own : `${own} & Readonly<Record<string, unknown>>`
  }
  return rest ?? 'Readonly<Record<string, unknown>>'
}

function withoutAllOf(schema: SwaggerSchema): SwaggerSchema {
  const { allOf: _, ...rest } = schema
  return rest
}
