import avsc from 'avsc'
import type { AvroJson } from '#schemas/versions.ts'

export type AvroType = avsc.Type

/** The part of avsc's reader that is used here; it is not in its published types. */
interface Tap {
  readonly buf: Buffer
  pos: number
  readLong(): number
}
interface ItemType {
  _read(tap: Tap): unknown
  _skip(tap: Tap): void
}

/**
 * avsc believes the item count that the bytes claim and looks for their end only after the last item, so that a few
 * broken bytes would keep the process busy, or out of memory, for minutes. Here no block may claim more items than
 * there are bytes left.
 */
class BoundedArrayType extends avsc.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items = this.itemsType as unknown as ItemType
    const values: unknown[] = []
    for (let count = readCount(tap); count > 0; count = readCount(tap)) {
      for (let i = 0; i < count; i++) values.push(items._read(tap))
    }
    return values
  }

  _skip(tap: Tap): void {
    const items = this.itemsType as unknown as ItemType
    for (let count = readCount(tap); count > 0; count = readCount(tap)) {
      for (let i = 0; i < count; i++) items._skip(tap)
    }
  }
}

/** Avro 1.11, "Arrays": a negative count is followed by the block's size in bytes. */
function readCount(tap: Tap): number {
  let count = tap.readLong()
  if (count < 0) {
    count = -count
    tap.readLong()
  }
  if (count > tap.buf.length - tap.pos)
    throw new Error(`an array claims ${count} items, more than there are bytes left`)
  return count
}

/**
 * The avsc type of a schema. Logical types stay what they are written as: `uuid` a string, `timestamp-millis` a number.
 *
 * @throws Error when the schema is not valid Avro.
 */
export function avroType(schema: AvroJson): AvroType {
  return avsc.Type.forSchema(schema as Parameters<typeof avsc.Type.forSchema>[0], {
    omitRecordMethods: true,
    typeHook: (part, options) => {
      const isArray = typeof part === 'object' && part !== null && 'type' in part && part.type === 'array'
      return isArray ? new BoundedArrayType(part, options) : undefined
    },
  })
}

/** Dotted paths of a value that do not fit its type, and what they should be; never the values themselves. */
export function invalidPaths(type: AvroType, value: unknown): readonly string[] {
  const paths: string[] = []
  type.isValid(value, {
    errorHook: (path, _value, expected) => {
      paths.push(`${path.join('.') || '(the whole value)'} (expected ${describe(expected)})`)
    },
  })
  return paths
}

function describe(type: AvroType): string {
  if (type instanceof avsc.types.EnumType) return `one of ${type.symbols.join(', ')}`
  return type.name ?? type.typeName.replace('union:unwrapped', 'null or another type')
}
