import type { OperationOptions } from '../call.ts'
import type { Answer } from '../http-client.ts'
import type { Operation } from '../operations/operation.ts'

/** Sends operations to Amazon, each after a slot of its usage plan: `SpApi.call`. */
export interface OperationCaller {
  call<P extends object, A>(
    operation: Operation<P, A>,
    parameters: P,
    options?: OperationOptions,
  ): Promise<Answer<A>>
}

/** A list is not followed any further: as long as this of one type within minutes there is none. */
const MAX_PAGES = 20

/** All pages of a list whose next page is asked for by its token alone. */
export async function allPages<
  P extends { readonly nextToken?: string },
  A extends { readonly nextToken?: string },
>(
  api: OperationCaller,
  operation: Operation<P, A>,
  parameters: P,
  options: OperationOptions,
): Promise<{ readonly pages: readonly A[]; readonly skewMs: number }> {
  const pages: A[] = []
  let skewMs = 0
  for (let asked = parameters; pages.length < MAX_PAGES; ) {
    const { body, receivedAt, amazonTime } = await api.call(operation, asked, options)
    if (amazonTime != null) skewMs = receivedAt - amazonTime
    pages.push(body)
    if (!body.nextToken) break
    asked = { nextToken: body.nextToken } as P
  }
  return { pages, skewMs }
}
