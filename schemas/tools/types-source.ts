import {
  type EnumNode,
  type FieldNode,
  parseSchema,
  type RecordNode,
  type SchemaNode,
  shortName,
} from '#schemas/tools/parse-schema.ts'
import type { SchemaVersion } from '#schemas/versions.ts'

/** As wide as the formatter lets a line be. */
const LINE_WIDTH = 110

/** TypeScript source of one topic's record, and the name of its file in `schemas/generated/`. */
export interface TypesFile {
  readonly name: string
  readonly source: string
}

/** Interfaces, string unions and lists of symbols for a version of a record. */
export function typesOf({ topic, version, schema }: SchemaVersion): TypesFile {
  const root = parseSchema(schema)
  if (root.kind !== 'record') throw new Error(`${topic} v${version} is not a record`)
  const declared = new Map<string, string>()
  declareRecord(root, declared)
  const header = `// Generated from schemas/${topic}/v${version}.avsc by "npm run schemas:generate"; do not edit.`
  return {
    name: `${kebab(shortName(root.name))}.ts`,
    source: `${header}\n\n${[...declared.values()].join('\n')}`,
  }
}

function declareRecord(record: RecordNode, declared: Map<string, string>): void {
  if (declared.has(record.name)) return
  declared.set(record.name, '')
  const fields = record.fields.map(
    (field) =>
      `${comment(fieldDoc(field), '  ')}  readonly ${field.name}: ${typeName(field.type, declared)}\n`,
  )
  declared.set(
    record.name,
    `${comment(record.doc, '')}export interface ${shortName(record.name)} {\n${fields.join('')}}\n`,
  )
}

function declareEnum(node: EnumNode, declared: Map<string, string>): void {
  if (declared.has(node.name)) return
  const type = shortName(node.name)
  const list = plural(type.charAt(0).toLowerCase() + type.slice(1))
  const symbols = node.symbols.map((symbol) => `'${symbol}'`)
  const oneLine = `export const ${list} = [${symbols.join(', ')}] as const`
  const lines = `export const ${list} = [\n${symbols.map((symbol) => `  ${symbol},\n`).join('')}] as const`
  const values = oneLine.length <= LINE_WIDTH ? oneLine : lines
  declared.set(
    node.name,
    `${comment(node.doc, '')}${values}\nexport type ${type} = (typeof ${list})[number]\n`,
  )
}

function typeName(node: SchemaNode, declared: Map<string, string>): string {
  switch (node.kind) {
    case 'record':
      declareRecord(node, declared)
      return shortName(node.name)
    case 'enum':
      declareEnum(node, declared)
      return shortName(node.name)
    case 'array': {
      const items = typeName(node.items, declared)
      return items.includes(' ') ? `readonly (${items})[]` : `readonly ${items}[]`
    }
    case 'map':
      return `Readonly<Record<string, ${typeName(node.values, declared)}>>`
    case 'union': {
      const names = node.branches.map((branch) => typeName(branch, declared))
      return [...names.filter((name) => name !== 'null'), ...names.filter((name) => name === 'null')].join(
        ' | ',
      )
    }
    case 'null':
    case 'boolean':
    case 'string':
      return node.kind
    case 'bytes':
    case 'fixed':
      return 'Buffer'
    default:
      return 'number'
  }
}

/** What a logical type's values are, in words: the codec keeps them as they are written. */
const LOGICAL: Readonly<Record<string, string>> = {
  uuid: 'UUID',
  'timestamp-millis': 'milliseconds since the epoch',
}

function fieldDoc({ doc, type }: FieldNode): string | undefined {
  const logicalType = 'logicalType' in type ? type.logicalType : undefined
  if (logicalType === undefined) return doc
  return `${doc ?? ''} (${LOGICAL[logicalType] ?? logicalType})`
}

const comment = (doc: string | undefined, indent: string): string =>
  doc === undefined ? '' : `${indent}/** ${doc.replaceAll('*/', '*\\/')} */\n`
const kebab = (name: string): string => name.replace(/(?<=[a-z0-9])([A-Z])/g, '-$1').toLowerCase()
const plural = (name: string): string => (name.endsWith('s') ? `${name}es` : name.replace(/y$/, 'ie') + 's')
