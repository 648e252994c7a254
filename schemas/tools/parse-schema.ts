import type { AvroJson } from '#schemas/versions.ts'

/** An Avro schema with every name resolved: full names, and the definition wherever one is referred to. */
export type SchemaNode = PrimitiveNode | RecordNode | EnumNode | FixedNode | ArrayNode | MapNode | UnionNode

export const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
export type Primitive = (typeof primitives)[number]

interface Named {
  readonly name: string
  readonly aliases: readonly string[]
  readonly doc: string | undefined
}
export interface PrimitiveNode {
  readonly kind: Primitive
  readonly logicalType: string | undefined
}
export interface RecordNode extends Named {
  readonly kind: 'record'
  readonly fields: readonly FieldNode[]
}
export interface FieldNode {
  readonly name: string
  readonly aliases: readonly string[]
  readonly doc: string | undefined
  readonly type: SchemaNode
  /** Undefined without one; `{ value: null }` is the default null. */
  readonly default: { readonly value: unknown } | undefined
}
export interface EnumNode extends Named {
  readonly kind: 'enum'
  readonly symbols: readonly string[]
  readonly default: string | undefined
}
export interface FixedNode extends Named {
  readonly kind: 'fixed'
  readonly size: number
  readonly logicalType: string | undefined
}
export interface ArrayNode {
  readonly kind: 'array'
  readonly items: SchemaNode
}
export interface MapNode {
  readonly kind: 'map'
  readonly values: SchemaNode
}
export interface UnionNode {
  readonly kind: 'union'
  readonly branches: readonly SchemaNode[]
}

type Json = { readonly [name: string]: unknown }

/**
 * Resolves the names of a schema (Avro 1.11, "Names").
 *
 * @throws Error naming the part that is not Avro.
 */
export function parseSchema(schema: AvroJson): SchemaNode {
  return parse(schema, '', new Map())
}

/** The part of a full name behind the last dot. */
export const shortName = (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1)

function parse(schema: unknown, namespace: string, known: Map<string, SchemaNode>): SchemaNode {
  if (typeof schema === 'string') return primitiveOf(schema) ?? named(schema, namespace, known)
  if (Array.isArray(schema))
    return { kind: 'union', branches: schema.map((part) => parse(part, namespace, known)) }
  if (typeof schema !== 'object' || schema === null)
    throw new Error(`${JSON.stringify(schema)} is no Avro schema`)
  const json = schema as Json
  const logicalType = text(json.logicalType)
  switch (json.type) {
    case 'array':
      return { kind: 'array', items: parse(json.items, namespace, known) }
    case 'map':
      return { kind: 'map', values: parse(json.values, namespace, known) }
    case 'enum': {
      const symbols = strings(json.symbols)
      return define({ kind: 'enum', ...nameOf(json, namespace), symbols, default: text(json.default) }, known)
    }
    case 'fixed':
      return define(
        { kind: 'fixed', ...nameOf(json, namespace), size: Number(json.size), logicalType },
        known,
      )
    case 'record':
      return parseRecord(json, namespace, known)
    default: {
      const inner = typeof json.type === 'string' ? primitiveOf(json.type, logicalType) : undefined
      return inner ?? parse(json.type, namespace, known)
    }
  }
}

function parseRecord(json: Json, namespace: string, known: Map<string, SchemaNode>): RecordNode {
  const fields: FieldNode[] = []
  const record: RecordNode = { kind: 'record', ...nameOf(json, namespace), fields }
  define(record, known)
  if (!Array.isArray(json.fields)) throw new Error(`Record ${record.name} has no fields`)
  const inner = record.name.slice(0, Math.max(0, record.name.lastIndexOf('.')))
  for (const field of json.fields as Json[]) {
    fields.push({
      name: String(field.name),
      aliases: strings(field.aliases),
      doc: text(field.doc),
      type: parse(field.type, inner, known),
      default: 'default' in field ? { value: field.default } : undefined,
    })
  }
  return record
}

function define<N extends RecordNode | EnumNode | FixedNode>(node: N, known: Map<string, SchemaNode>): N {
  if (known.has(node.name)) throw new Error(`${node.name} is defined twice`)
  known.set(node.name, node)
  return node
}

function primitiveOf(name: string, logicalType?: string): PrimitiveNode | undefined {
  const kind = primitives.find((primitive) => primitive === name)
  return kind === undefined ? undefined : { kind, logicalType }
}

function named(name: string, namespace: string, known: Map<string, SchemaNode>): SchemaNode {
  const node = known.get(fullName(name, namespace)) ?? known.get(name)
  if (node === undefined) throw new Error(`${name} is neither a primitive nor defined before it is used`)
  return node
}

function nameOf(json: Json, outer: string): Named {
  const own = text(json.name)
  if (own === undefined) throw new Error(`A ${String(json.type)} has no name`)
  const namespace = own.includes('.') ? own.slice(0, own.lastIndexOf('.')) : (text(json.namespace) ?? outer)
  const aliases = strings(json.aliases).map((alias) => fullName(alias, namespace))
  return { name: fullName(own, namespace), aliases, doc: text(json.doc) }
}

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])
