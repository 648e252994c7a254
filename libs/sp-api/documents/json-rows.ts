import { Tokenizer, TokenParser, TokenType } from '@streamparser/json'
import { SpApiError } from '../errors.ts'

/**
 * The items of one array of a JSON document, streamed: `array` names it among the members of the document; null when
 * the document itself is the array. What else the document holds is read over and not kept.
 *
 * A number of more than fifteen digits comes as text: JavaScript's numbers would change it. Throws a `SpApiError` when
 * the document is no JSON or has no such array: a wrong name must not look like a report without rows.
 */
export async function* jsonRows(
  pieces: AsyncIterable<string>,
  array: string | null,
): AsyncGenerator<unknown> {
  const rows: unknown[] = []
  const parser = new TokenParser({
    paths: [array === null ? '$.*' : `$.${array}.*`],
    keepStack: false,
  })
  parser.onValue = ({ value }) => rows.push(value)
  const tokens = new ExactTokenizer()
  const watch = new ArrayWatch(array)
  tokens.onToken = (token) => {
    parser.write(token)
    // A second look at every token costs: no longer than needed.
    if (watch.sees(token)) tokens.onToken = (next) => parser.write(next)
  }
  for await (const piece of pieces) {
    parsing(() => tokens.write(piece))
    yield* rows.splice(0)
  }
  parsing(() => {
    tokens.end()
    if (!parser.isEnded) parser.end()
  })
  yield* rows
  watch.end()
}

/** Keeps numbers that JavaScript's would change as they stand. */
class ExactTokenizer extends Tokenizer {
  protected override parseNumber(text: string): number {
    if (text.length <= 15) return Number(text)
    const digits = text
      .replace(/[eE].*$/, '')
      .replace(/^-?0*\.?0*/, '')
      .replace('.', '').length
    return (digits > 15 ? text : Number(text)) as number
  }
}

/** Whether the array that is asked for has begun; until it has, it looks at every token. */
class ArrayWatch {
  readonly #array: string | null
  readonly #seen: string[] = []
  #depth = 0
  #key: string | null = null
  #isKey: boolean = false
  #isObject: boolean = false
  #found: boolean = false

  constructor(array: string | null) {
    this.#array = array
  }

  sees({ token, value }: { token: TokenType; value: unknown }): boolean {
    switch (token) {
      case TokenType.LEFT_BRACE:
      case TokenType.LEFT_BRACKET:
        if (this.#depth === (this.#array === null ? 0 : 1) && this.#key === this.#array) {
          if (token !== TokenType.LEFT_BRACKET) throw this.#missing('is no array')
          this.#found = true
        }
        if (this.#depth === 0) this.#isObject = token === TokenType.LEFT_BRACE
        this.#depth++
        this.#isKey = this.#isObject && this.#depth === 1
        break
      case TokenType.RIGHT_BRACE:
      case TokenType.RIGHT_BRACKET:
        this.#depth--
        break
      case TokenType.STRING:
        if (this.#depth === 1 && this.#isKey) this.#key = value as string
        break
      case TokenType.COLON:
        if (this.#depth === 1 && this.#seen.length < 20) this.#seen.push(this.#key!)
        this.#isKey = false
        break
      case TokenType.COMMA:
        this.#isKey = this.#isObject && this.#depth === 1
        break
    }
    return this.#found
  }

  end(): void {
    if (!this.#found) throw this.#missing('is not there')
  }

  #missing(what: string): SpApiError {
    const has = this.#seen.length === 0 ? '' : `; it has ${this.#seen.join(', ')}`
    return failed(
      this.#array === null
        ? `the document is no JSON array${has}: say which of its members is meant`
        : `the array ${this.#array} of the document ${what}${has}`,
    )
  }
}

function parsing(step: () => void): void {
  try {
    step()
  } catch (error) {
    if (error instanceof SpApiError) throw error
    throw failed(`the document is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function failed(message: string): SpApiError {
  return new SpApiError({ kind: 'failed', operation: 'document' }, message)
}
