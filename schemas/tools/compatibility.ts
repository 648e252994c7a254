import type { FieldNode, Primitive, RecordNode, SchemaNode, UnionNode } from '#schemas/tools/parse-schema.ts'

/** Avro 1.11, "Schema Resolution": what else a reader of this type may be given. */
const PROMOTIONS: { readonly [reader in Primitive]?: readonly Primitive[] } = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
}

/**
 * Why data of `writer` can not be read as `reader`: one line per place, none when it can.
 *
 * Avro 1.11, "Schema Resolution", and stricter in two points: full names have to agree (or be aliases), as readers in
 * other languages demand, and a logical type must stay, because seconds read as milliseconds resolve without an error.
 */
export function unreadable(reader: SchemaNode, writer: SchemaNode): readonly string[] {
  return compare(reader, writer, '', new Map())
}

type Seen = Map<SchemaNode, Set<SchemaNode>>

function compare(reader: SchemaNode, writer: SchemaNode, path: string, seen: Seen): readonly string[] {
  if (writer.kind === 'union') {
    return writer.branches.flatMap((branch) => compare(reader, branch, path, seen))
  }
  if (reader.kind === 'union') return compareBranches(reader, writer, path, seen)
  if (reader.kind === 'record' && writer.kind === 'record') return compareRecords(reader, writer, path, seen)
  if (reader.kind === 'array' && writer.kind === 'array')
    return compare(reader.items, writer.items, `${path}[]`, seen)
  if (reader.kind === 'map' && writer.kind === 'map')
    return compare(reader.values, writer.values, `${path}{}`, seen)
  if (reader.kind === 'enum' && writer.kind === 'enum') {
    const lost = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol))
    const symbols = lost.length > 0 && reader.default === undefined
    return [
      ...compareNames(reader, writer, path),
      ...at(path, symbols, `has no symbol ${lost.join(', ')} and no default`),
    ]
  }
  if (reader.kind === 'fixed' && writer.kind === 'fixed') {
    const size = at(path, reader.size !== writer.size, `has ${reader.size} bytes instead of ${writer.size}`)
    return [...compareNames(reader, writer, path), ...size, ...compareLogicalTypes(reader, writer, path)]
  }
  if (
    reader.kind === writer.kind ||
    PROMOTIONS[reader.kind as Primitive]?.includes(writer.kind as Primitive)
  ) {
    return compareLogicalTypes(reader, writer, path)
  }
  return at(path, true, `is ${describe(reader)} and can not read ${describe(writer)}`)
}

function compareBranches(reader: UnionNode, writer: SchemaNode, path: string, seen: Seen): readonly string[] {
  const attempts = reader.branches.map((branch) => compare(branch, writer, path, new Map(seen)))
  if (attempts.some((problems) => problems.length === 0)) return []
  const alike = reader.branches.findIndex((branch) => branch.kind === writer.kind)
  return attempts[alike] ?? at(path, true, `is ${describe(reader)} and can not read ${describe(writer)}`)
}

function compareRecords(reader: RecordNode, writer: RecordNode, path: string, seen: Seen): readonly string[] {
  // A record that contains itself: what is being compared further up need not be compared again.
  const compared = seen.get(reader) ?? new Set()
  if (compared.has(writer)) return []
  seen.set(reader, new Set(compared).add(writer))
  const fields = reader.fields.flatMap((field) => {
    const here = path === '' ? field.name : `${path}.${field.name}`
    const written = writtenField(field, writer)
    if (written !== undefined) return compare(field.type, written.type, here, seen)
    return at(here, field.default === undefined, 'is not in the other version and has no default')
  })
  return [...compareNames(reader, writer, path), ...fields]
}

function writtenField(field: FieldNode, writer: RecordNode): FieldNode | undefined {
  const names = [field.name, ...field.aliases]
  return names.flatMap((name) => writer.fields.find((written) => written.name === name) ?? [])[0]
}

function compareNames(
  reader: { readonly name: string; readonly aliases: readonly string[] },
  writer: { readonly name: string },
  path: string,
): readonly string[] {
  const known = [reader.name, ...reader.aliases].includes(writer.name)
  return at(path, !known, `is named ${reader.name}, was ${writer.name}, and has no alias for that`)
}

function compareLogicalTypes(reader: SchemaNode, writer: SchemaNode, path: string): readonly string[] {
  const [now, then] = [logicalTypeOf(reader), logicalTypeOf(writer)]
  return at(path, now !== then, `has the logical type ${now ?? 'none'} instead of ${then ?? 'none'}`)
}

const logicalTypeOf = (node: SchemaNode): string | undefined =>
  'logicalType' in node ? node.logicalType : undefined

const at = (path: string, isProblem: boolean, problem: string): readonly string[] =>
  isProblem ? [`${path === '' ? 'the record' : path} ${problem}`] : []

function describe(node: SchemaNode): string {
  if (node.kind === 'union') return `a union of ${node.branches.map(describe).join(', ')}`
  return 'name' in node ? `${node.kind} ${node.name}` : node.kind
}
