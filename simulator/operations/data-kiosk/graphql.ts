/** The part of GraphQL that Data Kiosk's queries are made of: one query, fields with arguments, no fragments, variables or comments. */

export interface Field {
  readonly name: string
  readonly arguments: Readonly<Record<string, Value>>
  /** What is selected of it; empty for a leaf. */
  readonly fields: readonly Field[]
}

export type Value = string | number | boolean | null | readonly Value[]

/** Why a query can not be read. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[_A-Za-z]\w*|[{}()[\]:,])\s*,?/y

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null)
      throw new QueryError(`The query can not be read from "${text.slice(at, at + 20)}" on.`)
    if (match[1] !== ',') tokens.push(match[1] as string)
  }
  return tokens
}

/** The fields at the root of a query. Throws a QueryError for what is no query, or more than this can do. */
export function parseQuery(text: string): readonly Field[] {
  const tokens = tokensOf(text)
  let at = 0
  const peek = () => tokens[at] ?? ''
  const next = () => tokens[at++] ?? ''
  const expect = (token: string) => {
    const found = next()
    if (found !== token) throw new QueryError(`There should be "${token}" where there is "${found}".`)
  }
  const nameOf = () => {
    const name = next()
    if (!/^[_A-Za-z]\w*$/.test(name)) throw new QueryError(`"${name}" is no name.`)
    return name
  }
  function value(): Value {
    const token = next()
    if (token === '[') {
      const values: Value[] = []
      while (peek() !== ']') values.push(value())
      next()
      return values
    }
    if (token.startsWith('"')) return JSON.parse(token) as string
    if (/^-?\d/.test(token)) return Number(token)
    if (token === 'true' || token === 'false') return token === 'true'
    if (token === 'null') return null
    if (!/^[_A-Za-z]/.test(token)) throw new QueryError(`"${token}" is no value.`)
    return token
  }
  function field(): Field {
    const name = nameOf()
    const given: Record<string, Value> = {}
    if (peek() === '(') {
      next()
      while (peek() !== ')') {
        const argument = nameOf()
        expect(':')
        given[argument] = value()
      }
      next()
    }
    return { name, arguments: given, fields: peek() === '{' ? selection() : [] }
  }
  function selection(): Field[] {
    expect('{')
    const fields: Field[] = []
    while (peek() !== '}') fields.push(field())
    next()
    if (fields.length === 0) throw new QueryError('A selection must not be empty.')
    return fields
  }
  if (peek() === 'query') {
    next()
    if (peek() !== '{') nameOf()
  }
  const fields = selection()
  if (at < tokens.length)
    throw new QueryError(`There should be nothing after the query, but there is "${peek()}".`)
  return fields
}
