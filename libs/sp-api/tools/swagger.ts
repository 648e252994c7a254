import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { leftOut } from './apis.ts'

/** A schema of Amazon's API models, as far as it is used: Swagger 2.0's dialect of JSON Schema. */
export interface SwaggerSchema {
  readonly type?: string
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, SwaggerSchema>>
  readonly required?: readonly string[]
  readonly items?: SwaggerSchema
  readonly enum?: readonly unknown[]
  readonly allOf?: readonly SwaggerSchema[]
  readonly additionalProperties?: boolean | SwaggerSchema
  readonly pattern?: string
  readonly [keyword: string]: unknown
}

export interface SwaggerParameter extends SwaggerSchema {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'body'
  readonly collectionFormat?: string
  readonly schema?: SwaggerSchema
}

export interface SwaggerOperation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly description: string
  readonly deprecated: boolean
  readonly sandboxOnly: boolean
  readonly parameters: readonly SwaggerParameter[]
  readonly responses: Readonly<
    Record<string, { readonly schema?: SwaggerSchema; readonly [extension: string]: unknown }>
  >
}

export interface SwaggerModel {
  readonly definitions: Readonly<Record<string, SwaggerSchema>>
  readonly operations: readonly SwaggerOperation[]
}

const operationSchema = z.object({
  operationId: z.string(),
  description: z.string().default(''),
  deprecated: z.boolean().default(false),
  parameters: z.array(z.looseObject({})).default([]),
  responses: z.record(z.string(), z.looseObject({})),
  'x-amzn-api-sandbox-only': z.boolean().default(false),
})

const modelSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  parameters: z.record(z.string(), z.looseObject({})).default({}),
  definitions: z.record(z.string(), z.looseObject({})),
})

const METHODS = ['get', 'put', 'post', 'delete', 'patch']

/** Reads one of Amazon's API models. Throws when it is not Swagger 2.0 as Amazon writes it. */
export function readModel(folder: string, file: string): SwaggerModel {
  const model = modelSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  const resolve = (parameter: Record<string, unknown>) => {
    const reference = parameter.$ref
    if (typeof reference !== 'string') return parameter
    const found = model.parameters[reference.replace('#/parameters/', '')]
    if (found === undefined) throw new Error(`${file}: no parameter ${reference}`)
    return found
  }
  const operations = Object.entries(model.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, value]): SwaggerOperation[] => {
      if (!METHODS.includes(method)) return []
      const operation = operationSchema.parse(value)
      const shared = z.array(z.looseObject({})).parse(item.parameters ?? [])
      return [
        {
          ...operation,
          method: method.toUpperCase(),
          path,
          sandboxOnly: operation['x-amzn-api-sandbox-only'] || item['x-amzn-api-sandbox-only'] === true,
          parameters: (
            [...shared, ...operation.parameters].map(resolve) as unknown as SwaggerParameter[]
          ).map(
            // Its name in the model is nowhere in the request, and every model has another.
            (parameter) => (parameter.in === 'body' ? { ...parameter, name: 'body' } : parameter),
          ),
          responses: operation.responses as SwaggerOperation['responses'],
        },
      ]
    }),
  )
  const definitions = Object.entries(model.definitions as SwaggerModel['definitions']).map(
    ([name, definition]) => [name, withOptional(definition, leftOut[file]?.[name] ?? [])] as const,
  )
  return { definitions: Object.fromEntries(definitions), operations }
}

function withOptional(definition: SwaggerSchema, names: readonly string[]): SwaggerSchema {
  if (names.length === 0) return definition
  return { ...definition, required: (definition.required ?? []).filter((name) => !names.includes(name)) }
}

/** Requests a second and burst from the table in an operation's description; null where Amazon gives none ("n"). */
export function publishedPlan(description: string): { ratePerSecond: number; burst: number } | null {
  const row = /\|\s*(?:Default\s*\|\s*)?(\d*\.?\d+)\s*\|\s*(\d*\.?\d+)\s*\|/.exec(description)
  return row === null ? null : { ratePerSecond: Number(row[1]), burst: Number(row[2]) }
}
