import { isDeepStrictEqual } from 'node:util'
import { type Complaint, complaints, type Resolve, type Schema } from './inclusion.ts'

/** An OpenAPI 3.1 document, of which only what clients depend on is read. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

export interface Operation {
  readonly operationId?: string
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content?: Content }
  readonly responses?: Readonly<Record<string, { readonly content?: Content }>>
}
interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema?: Schema
}
type Content = Readonly<Record<string, { readonly schema?: Schema }>>

/**
 * What a client that works with `before` may trip over in `after`, one sentence each. A request that was taken has to be
 * taken; an answer has to be one that was described, and may have more fields.
 */
export function breakingChanges(before: ApiDocument, after: ApiDocument): readonly string[] {
  return Object.entries(before.paths).flatMap(([path, operations]) => {
    const found = after.paths[path]
    if (found === undefined) return [`${path} is gone`]
    return Object.entries(operations).flatMap(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`
      const now = found[method]
      if (now === undefined) return [`${name} is gone`]
      return new OperationChanges(resolverOf(before), resolverOf(after))
        .of(operation, now)
        .map((what) => `${name}: ${what}`)
    })
  })
}

class OperationChanges {
  readonly #before: Resolve
  readonly #after: Resolve

  constructor(before: Resolve, after: Resolve) {
    this.#before = before
    this.#after = after
  }

  of(before: Operation, after: Operation): readonly string[] {
    return [
      ...this.#identity(before, after),
      ...this.#parameters(before.parameters ?? [], after.parameters ?? []),
      ...this.#body(before.requestBody, after.requestBody),
      ...this.#responses(before.responses ?? {}, after.responses ?? {}),
    ]
  }

  #identity(before: Operation, after: Operation): readonly string[] {
    return [
      ...(before.operationId === after.operationId
        ? []
        : [`its operationId is ${after.operationId}, not ${before.operationId}`]),
      ...(isPermitted(before.security, after.security)
        ? []
        : [`it asks for ${scopesOf(after.security)}, not ${scopesOf(before.security)}`]),
    ]
  }

  #parameters(before: readonly Parameter[], after: readonly Parameter[]): readonly string[] {
    const same = (a: Parameter) => (b: Parameter) => a.name === b.name && a.in === b.in
    return [
      ...before.flatMap((parameter) => {
        const name = `the ${parameter.in} parameter ${parameter.name}`
        const now = after.find(same(parameter))
        if (now === undefined) return [`${name} is not taken any more`]
        return [
          ...(now.required && !parameter.required ? [`${name} must be given`] : []),
          ...this.#request(name, parameter.schema, now.schema),
        ]
      }),
      ...after
        .filter((parameter) => parameter.required && !before.some(same(parameter)))
        .map((parameter) => `the ${parameter.in} parameter ${parameter.name} is new and must be given`),
    ]
  }

  #body(before: Operation['requestBody'], after: Operation['requestBody']): readonly string[] {
    if (before === undefined) return after?.required ? ['it asks for a body'] : []
    if (after === undefined) return ['it takes no body any more']
    return [
      ...(after.required && !before.required ? ['its body must be given'] : []),
      ...Object.entries(before.content ?? {}).flatMap(([type, { schema }]) => {
        const now = after.content?.[type]
        return now === undefined
          ? [`it takes no ${type} any more`]
          : this.#request(`the body (${type})`, schema, now.schema)
      }),
    ]
  }

  /** What was taken has to be taken still. */
  #request(name: string, before: Schema | undefined, after: Schema | undefined): readonly string[] {
    const was = { schema: before ?? {}, resolve: this.#before }
    const is = { schema: after ?? {}, resolve: this.#after }
    return sentences(name, complaints(was, is, { asked: true }), 'such requests were taken')
  }

  #responses(
    before: NonNullable<Operation['responses']>,
    after: NonNullable<Operation['responses']>,
  ): readonly string[] {
    return Object.entries(before)
      .filter(([status]) => Number(status) < 400)
      .flatMap(([status, { content = {} }]) => {
        const now = after[status]
        if (now === undefined) return [`it does not answer ${status} any more`]
        return Object.entries(content).flatMap(([type, { schema }]) => {
          const found = now.content?.[type]
          if (found === undefined) return [`it does not answer ${status} as ${type} any more`]
          const is = { schema: found.schema ?? {}, resolve: this.#after }
          const was = { schema: schema ?? {}, resolve: this.#before }
          return sentences(
            `the answer ${status}`,
            complaints(is, was, { asked: false }),
            'clients do not know it so',
          )
        })
      })
  }
}

/** Whoever was let in is let in still: nobody is asked for anything, or for the same. */
function isPermitted(before: Operation['security'], after: Operation['security']): boolean {
  return after?.length === 0 || isDeepStrictEqual(before, after)
}

function scopesOf(security: Operation['security']): string {
  if (security?.length === 0) return 'nothing'
  const scopes = (security ?? []).flatMap((one) => Object.values(one).flat())
  return `the scope ${[...new Set(scopes)].join(', ') || 'of nobody'}`
}

function sentences(name: string, found: readonly Complaint[], meaning: string): readonly string[] {
  return found.map(({ at, what }) => `${name}${at === '' ? '' : `, ${at},`} ${what} (${meaning})`)
}

function resolverOf(document: ApiDocument): Resolve {
  return (reference) => {
    const name = reference.split('/').at(-1) ?? ''
    const schema = document.components?.schemas?.[name]
    if (schema === undefined) throw new Error(`${reference} leads nowhere`)
    return schema
  }
}
