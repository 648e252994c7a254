/** Helpers of this folder's tests. */

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** The content in pieces of so many characters or bytes. */
export async function* inPieces<T extends string | Buffer>(content: T, length: number): AsyncGenerator<T> {
  for (let at = 0; at < content.length; at += length)
    yield (
      typeof content === 'string' ? content.slice(at, at + length) : content.subarray(at, at + length)
    ) as T
}
