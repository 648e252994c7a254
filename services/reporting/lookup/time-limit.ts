import type { Context } from 'koa'
import { ClientGone } from '#libs/service/problem.ts'

/** Whether a request has taken its time. */
export const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError'

/** Aborts when a request has taken its time (`TimeoutError`), or when nobody is there any more (`ClientGone`). */
export function timeLimit(ctx: Context, timeoutMs: number): AbortSignal {
  const gone = new AbortController()
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished)
      gone.abort(new ClientGone('the client went away before its lookup was done'))
  })
  return AbortSignal.any([AbortSignal.timeout(timeoutMs), gone.signal])
}
