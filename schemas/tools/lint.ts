import { avroType } from '#schemas/avro-type.ts'
import {
  type FieldNode,
  parseSchema,
  type RecordNode,
  type SchemaNode,
  shortName,
} from '#schemas/tools/parse-schema.ts'
import type { SchemaVersion } from '#schemas/versions.ts'

/** Catalogue data names no buyer, so that Amazon's rules for personal data do not apply to any topic. */
const PERSONAL = /buyer|customer|recipient|e-?mail|phone|street|postal|birth/i

/** What is wrong with a version by itself: one line per finding. */
export function lintVersion({ schema }: SchemaVersion): readonly string[] {
  const root = parseSchema(schema)
  if (root.kind !== 'record') return ['is not a record']
  return [...parts(root)].flatMap(({ path, node }) => {
    switch (node.kind) {
      case 'record':
        return [
          ...docOf(path, node),
          ...node.fields.flatMap((field) => lintField(`${path}.${field.name}`, field)),
        ]
      case 'enum':
        return node.default !== undefined && node.symbols.includes(node.default)
          ? []
          : [
              `${path}: the enum needs a default among its symbols, which readers take for symbols they do not know`,
            ]
      case 'map':
        return [`${path}: the decoder bounds arrays but not maps; use an array of records`]
      default:
        return []
    }
  })
}

/** What is wrong with a version as a successor of v1. Compatibility finds more; this says it in plainer words. */
export function lintAddedFields(first: SchemaVersion, later: SchemaVersion): readonly string[] {
  const old = new Set([...parts(parseSchema(first.schema))].flatMap(({ node }) => fieldNames(node)))
  return [...parts(parseSchema(later.schema))].flatMap(({ node }) =>
    node.kind !== 'record'
      ? []
      : node.fields
          .filter((field) => field.default === undefined && !old.has(`${node.name}.${field.name}`))
          .map((field) => `${shortName(node.name)}.${field.name}: a field added after v1 needs a default`),
  )
}

const fieldNames = (node: SchemaNode): readonly string[] =>
  node.kind === 'record' ? node.fields.map((field) => `${node.name}.${field.name}`) : []

function docOf(path: string, { doc }: { readonly doc: string | undefined }): readonly string[] {
  return doc === undefined || doc.trim() === '' ? [`${path}: needs a doc`] : []
}

function lintField(path: string, field: FieldNode): readonly string[] {
  const personal = PERSONAL.test(field.name)
    ? [`${path}: looks like personal data, which no topic carries`]
    : []
  return [...docOf(path, field), ...personal, ...lintDefault(path, field)]
}

/** Avro 1.11: the default of a union is of its first branch. */
function lintDefault(path: string, field: FieldNode): readonly string[] {
  if (field.default === undefined) return []
  const { value } = field.default
  const type = field.type.kind === 'union' ? field.type.branches[0] : field.type
  if (type === undefined || isValue(type, value)) return []
  const what = field.type.kind === 'union' ? "the union's first type" : 'its type'
  return [`${path}: the default ${JSON.stringify(value)} is not of ${what}`]
}

function isValue(node: SchemaNode, value: unknown): boolean {
  switch (node.kind) {
    case 'enum':
      return node.symbols.includes(value as string)
    case 'array':
      return Array.isArray(value) && value.every((item) => isValue(node.items, item))
    case 'map':
      return isObject(value) && Object.values(value).every((item) => isValue(node.values, item))
    case 'union':
      return node.branches.some((branch) => isValue(branch, value))
    case 'record':
      return (
        isObject(value) && node.fields.every(({ name, type }) => name in value && isValue(type, value[name]))
      )
    case 'fixed':
    case 'bytes':
      return typeof value === 'string'
    default:
      return avroType(node.kind).isValid(value)
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every part of a schema once, with where it is. */
function* parts(root: SchemaNode): Generator<{ readonly path: string; readonly node: SchemaNode }> {
  const seen = new Set<RecordNode>()
  const open: { readonly path: string; readonly node: SchemaNode }[] = [{ path: '', node: root }]
  for (let part = open.shift(); part !== undefined; part = open.shift()) {
    const { path, node } = part
    if (node.kind === 'record') {
      if (seen.has(node)) continue
      seen.add(node)
      const name = shortName(node.name)
      yield { path: name, node }
      open.push(...node.fields.map((field) => ({ path: `${name}.${field.name}`, node: field.type })))
      continue
    }
    yield { path, node }
    if (node.kind === 'array') open.push({ path, node: node.items })
    if (node.kind === 'map') open.push({ path, node: node.values })
    if (node.kind === 'union') open.push(...node.branches.map((branch) => ({ path, node: branch })))
  }
}
