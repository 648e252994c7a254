import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { SpApiError } from '../errors.ts'

/** An element of an XML document, with all that is in it. */
export class XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[] = []
  /** Its own text, without that of its children and without the white space around it. */
  text = ''

  constructor(name: string, attributes: Readonly<Record<string, string>>) {
    this.name = name
    this.attributes = attributes
  }

  /** All children of a name. */
  all(name: string): readonly XmlElement[] {
    return this.children.filter((child) => child.name === name)
  }

  /** The first descendant on a path such as `FulfillmentData.Address.City`; null when there is none. */
  find(path: string): XmlElement | null {
    let element: XmlElement | undefined = this
    for (const name of path.split('.')) {
      element = element.children.find((child) => child.name === name)
      if (element === undefined) return null
    }
    return element
  }

  /** The text on a path; null when it is not there. */
  textOf(path: string): string | null {
    return this.find(path)?.text ?? null
  }
}

/** One row has no more characters and elements than this: a document must not fill the memory. */
const MAX_ROW_CHARACTERS = 4 * 1024 * 1024
const MAX_ROW_ELEMENTS = 100_000

/**
 * The elements of one name in an XML document, streamed, whatever they are in; one within another of its name belongs
 * to it. Throws a `SpApiError` when the document is no XML or is cut off. Entities that a document defines itself are
 * not known: who sends them wants to fill a memory or to read a file.
 */
export async function* xmlRows(pieces: AsyncIterable<string>, element: string): AsyncGenerator<XmlElement> {
  const rows: XmlElement[] = []
  const open: XmlElement[] = []
  let size = 0
  let count = 0
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw failed(`the document is no XML: ${error.message}`)
  })
  const grow = (characters: number, elements: number) => {
    size += characters
    count += elements
    if (size > MAX_ROW_CHARACTERS || count > MAX_ROW_ELEMENTS)
      throw failed(`an element ${element} of the document is too large`)
  }
  const addText = (text: string) => {
    const innermost = open.at(-1)
    if (innermost === undefined) return
    grow(text.length, 0)
    innermost.text += text
  }
  parser.on('opentag', (tag: SaxesTagPlain) => {
    if (open.length === 0 && tag.name !== element) return
    const one = new XmlElement(tag.name, tag.attributes)
    grow(0, 1)
    open.at(-1)?.children.push(one)
    open.push(one)
  })
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const closed = open.pop()
    if (closed === undefined) return
    closed.text = closed.text.trim()
    if (open.length > 0) return
    rows.push(closed)
    size = 0
    count = 0
  })
  for await (const piece of pieces) {
    parser.write(piece)
    yield* rows.splice(0)
  }
  parser.close()
  yield* rows
}

function failed(message: string): SpApiError {
  return new SpApiError({ kind: 'failed', operation: 'document' }, message)
}
