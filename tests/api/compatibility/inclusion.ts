import { isDeepStrictEqual } from 'node:util'

/** A JSON Schema (2020-12) as zod writes it, without prose. */
export type Schema = Readonly<Record<string, unknown>>

/** Finds what a `$ref` of one document names. */
export type Resolve = (reference: string) => Schema

export interface Side {
  readonly schema: Schema
  readonly resolve: Resolve
}

/** Where in the value, such as `items[].sku`, and what is wrong there. */
export interface Complaint {
  readonly at: string
  readonly what: string
}

/**
 * Why a value that fits `narrow` may not fit `wide`; empty when all of them do, as far as can be told. What it does not
 * know it complains about unless it stands in both: a change that nobody understood is no proof.
 *
 * `asked`: the values are sent to us, and `narrow` is what clients know. Then a property that only `wide` names is theirs to
 * leave out, and a default that changes is a complaint. Otherwise they are what we answer, and clients look for each property.
 */
export function complaints(
  narrow: Side,
  wide: Side,
  options: { readonly asked: boolean },
): readonly Complaint[] {
  return new Inclusion(options.asked).check(narrow, wide, '')
}

/** How much of a schema each of these lets through: `min…` the more the lower, `max…` the more the higher. */
const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
/** What only the same restricts no more than before. */
const EXACT = [
  'pattern',
  'format',
  'multipleOf',
  'uniqueItems',
  'contentEncoding',
  'propertyNames',
  'not',
  'allOf',
]
/** What is looked at by name, or restricts nothing. */
const KNOWN = new Set([
  ...LOWER_BOUNDS,
  ...UPPER_BOUNDS,
  ...EXACT,
  ...['type', 'enum', 'const', 'anyOf', 'oneOf', 'properties', 'required', 'additionalProperties', 'items'],
  ...['prefixItems', 'default', '$ref', 'contentMediaType'],
])

class Inclusion {
  readonly #asked: boolean
  /** References that are being compared: a schema that contains itself is compared once. */
  readonly #open = new Set<string>()

  constructor(asked: boolean) {
    this.#asked = asked
  }

  check(narrow: Side, wide: Side, at: string): readonly Complaint[] {
    const pair = JSON.stringify([narrow.schema, wide.schema])
    const isReference = '$ref' in narrow.schema || '$ref' in wide.schema
    if (isReference && this.#open.has(pair)) return []
    this.#open.add(pair)
    try {
      return this.#branches(resolved(narrow), resolved(wide), at)
    } finally {
      this.#open.delete(pair)
    }
  }

  /** Each branch of a union has to fit one of the other's. */
  #branches(narrow: Side, wide: Side, at: string): readonly Complaint[] {
    const ours = branchesOf(narrow)
    const theirs = branchesOf(wide)
    return ours.flatMap((branch) => {
      const tried = theirs.map((other) => this.#plain(branch, other, at))
      if (tried.some((found) => found.length === 0)) return []
      // The nearest of them says best what is different.
      const near = tried.filter((_, i) => sameType(branch.schema, theirs[i]?.schema ?? {}))
      const best = (near.length > 0 ? near : tried).toSorted((a, b) => a.length - b.length)[0] ?? []
      return near.length > 0 || theirs.length === 1
        ? best
        : [{ at, what: `${nameOf(branch.schema)} is not among them` }]
    })
  }

  #plain(narrow: Side, wide: Side, at: string): readonly Complaint[] {
    const ours = narrow.schema
    const theirs = wide.schema
    return [
      ...this.#types(ours, theirs, at),
      ...(this.#asked ? changedDefault(ours, theirs, at) : []),
      ...values(ours, theirs, at),
      ...bounds(ours, theirs, at),
      ...EXACT.flatMap((name) => exact(name, ours, theirs, at)),
      ...Object.keys(theirs).flatMap((name) =>
        KNOWN.has(name) || isDeepStrictEqual(ours[name], theirs[name])
          ? []
          : [{ at, what: `${name} is something that this comparison does not know` }],
      ),
      ...this.#objects(narrow, wide, at),
      ...this.#lists(narrow, wide, at),
    ]
  }

  #types(ours: Schema, theirs: Schema, at: string): readonly Complaint[] {
    const wanted = typesOf(theirs)
    if (wanted === null) return []
    const found = typesOf(ours)
    if (found === null) return [{ at, what: `may be anything, not only ${wanted.join(' or ')}` }]
    const more = found.filter(
      (type) => !wanted.includes(type) && !(type === 'integer' && wanted.includes('number')),
    )
    return more.map((type) => ({ at, what: `may be ${type}, not only ${wanted.join(' or ')}` }))
  }

  #objects(narrow: Side, wide: Side, at: string): readonly Complaint[] {
    const ours = propertiesOf(narrow.schema)
    const theirs = propertiesOf(wide.schema)
    const required = listOf(narrow.schema.required)
    const complaintsOfProperties = Object.entries(theirs).flatMap(([name, schema]) => {
      const path = at === '' ? name : `${at}.${name}`
      const own = ours[name]
      if (own !== undefined) return this.check({ ...narrow, schema: own }, { ...wide, schema }, path)
      return this.#asked ? [] : [{ at: path, what: 'is not there any more' }]
    })
    const missing = listOf(wide.schema.required)
      .filter((name) => !required.includes(name) && (name in ours || this.#asked))
      .map((name) => ({ at: at === '' ? name : `${at}.${name}`, what: 'may be left out' }))
    return [...complaintsOfProperties, ...missing, ...this.#others(narrow, wide, at)]
  }

  /** Properties that nobody named. */
  #others(narrow: Side, wide: Side, at: string): readonly Complaint[] {
    const theirs = wide.schema.additionalProperties
    if (theirs === undefined || theirs === true) return []
    const named = Object.keys(propertiesOf(narrow.schema)).filter(
      (name) => !(name in propertiesOf(wide.schema)),
    )
    const ours = narrow.schema.additionalProperties
    if (theirs === false) {
      const unwelcome = named.map((name) => ({
        at: at === '' ? name : `${at}.${name}`,
        what: 'is not taken',
      }))
      const anything = ours === false || typesOf(narrow.schema)?.includes('object') === false
      return anything ? unwelcome : [...unwelcome, { at, what: 'may have properties that nobody named' }]
    }
    if (ours === false) return []
    const schema = (ours === undefined || ours === true ? {} : ours) as Schema
    return this.check({ ...narrow, schema }, { ...wide, schema: theirs as Schema }, `${at}{}`)
  }

  #lists(narrow: Side, wide: Side, at: string): readonly Complaint[] {
    if (!isDeepStrictEqual(narrow.schema.prefixItems, wide.schema.prefixItems) && wide.schema.prefixItems)
      return [{ at, what: 'is another tuple' }]
    const theirs = wide.schema.items
    if (theirs === undefined) return []
    if (typesOf(narrow.schema)?.includes('array') === false) return []
    const ours = (narrow.schema.items ?? {}) as Schema
    return this.check({ ...narrow, schema: ours }, { ...wide, schema: theirs as Schema }, `${at}[]`)
  }
}

function changedDefault(ours: Schema, theirs: Schema, at: string): readonly Complaint[] {
  if (!('default' in ours) || isDeepStrictEqual(ours.default, theirs.default)) return []
  return [{ at, what: `was ${shown(ours.default)} by default, and is ${shown(theirs.default ?? null)} now` }]
}

function values(ours: Schema, theirs: Schema, at: string): readonly Complaint[] {
  const wanted = valuesOf(theirs)
  if (wanted === null) return []
  const found = valuesOf(ours)
  if (found === null) return [{ at, what: `may be other than ${wanted.map(shown).join(', ')}` }]
  const more = found.filter((value) => !wanted.some((one) => isDeepStrictEqual(one, value)))
  return more.map((value) => ({ at, what: `may be ${shown(value)}` }))
}

function bounds(ours: Schema, theirs: Schema, at: string): readonly Complaint[] {
  const beyond = (name: string, within: (found: number, wanted: number) => boolean): readonly Complaint[] => {
    const wanted = theirs[name]
    if (typeof wanted !== 'number') return []
    const found = ours[name]
    // Of known values each is looked at by itself.
    if (valuesOf(ours) !== null) return []
    if (typeof found === 'number' && within(found, wanted)) return []
    return [{ at, what: `${name} is ${found === undefined ? 'not limited' : String(found)}, not ${wanted}` }]
  }
  return [
    ...LOWER_BOUNDS.flatMap((name) => beyond(name, (found, wanted) => found >= wanted)),
    ...UPPER_BOUNDS.flatMap((name) => beyond(name, (found, wanted) => found <= wanted)),
  ]
}

function exact(name: string, ours: Schema, theirs: Schema, at: string): readonly Complaint[] {
  if (theirs[name] === undefined || isDeepStrictEqual(ours[name], theirs[name])) return []
  if (valuesOf(ours) !== null) return []
  return [{ at, what: `${name} is ${shown(ours[name] ?? 'none')}, not ${shown(theirs[name])}` }]
}

function resolved(side: Side): Side {
  let { schema } = side
  while (typeof schema.$ref === 'string') schema = side.resolve(schema.$ref)
  return { ...side, schema }
}

/** The schemas of which a value fits one; their siblings hold for each. A list of types is as many branches. */
function branchesOf(side: Side): readonly Side[] {
  const { anyOf, oneOf, ...rest } = side.schema
  const union = (anyOf ?? oneOf) as readonly Schema[] | undefined
  if (union === undefined) return [side]
  return union.flatMap((branch) => {
    const { schema } = resolved({ ...side, schema: branch })
    return branchesOf({ ...side, schema: { ...rest, ...schema } })
  })
}

function typesOf({ type, ...schema }: Schema): readonly string[] | null {
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type as string[]
  const known = valuesOf(schema)
  return known === null ? null : [...new Set(known.map(typeOfValue))]
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

const sameType = (a: Schema, b: Schema): boolean => {
  const types = typesOf(b)
  return typesOf(a)?.some((type) => types?.includes(type)) ?? false
}

const valuesOf = (schema: Schema): readonly unknown[] | null => {
  if (Array.isArray(schema.enum)) return schema.enum
  return 'const' in schema ? [schema.const] : null
}

const propertiesOf = (schema: Schema): Readonly<Record<string, Schema>> =>
  (schema.properties ?? {}) as Readonly<Record<string, Schema>>

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : [])

const shown = (value: unknown): string => JSON.stringify(value)

const nameOf = (schema: Schema): string => {
  const known = valuesOf(schema)
  if (known !== null) return known.map(shown).join(' or ')
  return typesOf(schema)?.join(' or ') ?? 'anything'
}
