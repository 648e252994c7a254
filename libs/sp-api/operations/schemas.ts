import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { ApiDefinition, JsonSchema } from './operation.ts'

/**
 * Validators of an API's schemas, compiled when first used. `request`: as Amazon's models say. `answer`: Amazon adds
 * values to enumerations and outgrows lengths without notice, so only what a program walks over counts: types, and
 * that what is required is there.
 */
export type Strictness = 'request' | 'answer'

const compiled = new WeakMap<ApiDefinition, Partial<Record<Strictness, Ajv>>>()
const DOCUMENT = 'api'

/** The validator of a schema that stands at `pointer` (RFC 6901) in an API's definition. */
export function validatorAt(
  definition: ApiDefinition,
  strictness: Strictness,
  pointer: string,
): ValidateFunction {
  const both = compiled.get(definition) ?? {}
  compiled.set(definition, both)
  let ajv = both[strictness]
  if (ajv === undefined) {
    ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
    ajv.addSchema(
      { $id: DOCUMENT, ...(strictness === 'request' ? definition : lenient({ ...definition })) },
      DOCUMENT,
    )
    both[strictness] = ajv
  }
  const validator = ajv.getSchema(`${DOCUMENT}#${pointer}`)
  if (validator === undefined) throw new Error(`no schema at ${pointer}`)
  return validator
}

/** Where and what, never the value: that may be a buyer's. */
export function problems(errors: readonly ErrorObject[] | null | undefined, root: string): string[] {
  const texts = (errors ?? []).map(({ instancePath, keyword, params, message }) => {
    const place = `${root}${instancePath.replaceAll('/', '.')}`
    if (keyword === 'required') return `${place}.${String(params.missingProperty)} is missing`
    if (keyword === 'enum') return `${place} must be one of ${(params.allowedValues as unknown[]).join(', ')}`
    return `${place} ${message ?? keyword}`
  })
  return [...new Set(texts)]
}

const WALKED = new Set(['type', '$ref', 'properties', 'required', 'items', 'allOf', 'additionalProperties'])

/** The definition without what binds values rather than shapes. */
function lenient(definition: ApiDefinition): ApiDefinition {
  const operations = Object.entries(definition.operations).map(
    ([id, operation]) =>
      [id, { ...operation, answer: operation.answer && shapeOf(operation.answer) }] as const,
  )
  const schemas = Object.entries(definition.schemas).map(([name, schema]) => [name, shapeOf(schema)] as const)
  return { operations: Object.fromEntries(operations), schemas: Object.fromEntries(schemas) }
}

function shapeOf(schema: JsonSchema): JsonSchema {
  const shape: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (!WALKED.has(keyword)) continue
    if (keyword === 'properties')
      shape[keyword] = Object.fromEntries(
        Object.entries(value as Record<string, JsonSchema>).map(([name, one]) => [name, shapeOf(one)]),
      )
    else if (keyword === 'allOf') shape[keyword] = (value as JsonSchema[]).map(shapeOf)
    else if (keyword === 'items' || keyword === 'additionalProperties')
      shape[keyword] = shapeOf(value as JsonSchema)
    else shape[keyword] = value
  }
  return shape
}
