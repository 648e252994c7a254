/** Checks against Amazon's own models, which lie beside the repository where they may be used. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2019, type ValidateFunction } from 'ajv/dist/2019.js'
import { expect } from 'vitest'

const models = join(import.meta.dirname, '../../shared/sp-api/models')

/** Whether the models are there: `describe.skipIf(!modelsPresent)`. */
export const modelsPresent = existsSync(models)

if (!modelsPresent) process.stderr.write("SKIPPED: Amazon's models are not at ../shared/sp-api/models\n")

interface Schema extends Record<string, unknown> {
  readonly allOf?: readonly { readonly $ref?: string }[]
}

/** A file of Amazon's, such as `models/sellers.json` or `ops.json`. */
export const readShared = (file: string) => JSON.parse(readFileSync(join(models, '..', file), 'utf8'))

const validators = new Map<string, ValidateFunction>()

/** A check against one definition of a model; no property may be there that the model does not know. */
export function validator(file: string, definition: string): (body: unknown) => void {
  const key = `${file} ${definition}`
  const validate = validators.get(key) ?? compile(file, definition)
  validators.set(key, validate)
  return (body: unknown) => expect(validate(body), JSON.stringify(validate.errors)).toBe(true)
}

function compile(file: string, definition: string): ValidateFunction {
  const { definitions } = readShared(`models/${file}`) as { definitions: Record<string, Schema> }
  const composed = new Set(
    Object.values(definitions).flatMap(({ allOf = [] }) =>
      allOf.map(({ $ref = '' }) => $ref.split('/').at(-1)),
    ),
  )
  for (const [name, schema] of Object.entries(definitions)) {
    if (schema.allOf !== undefined) schema.unevaluatedProperties = false
    else if (schema.type === 'object' && schema.properties !== undefined && !composed.has(name))
      schema.additionalProperties ??= false
  }
  const ajv = new Ajv2019({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'model', definitions })
  return ajv.compile({ $ref: `model#/definitions/${definition}` })
}
