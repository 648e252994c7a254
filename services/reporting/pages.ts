import { readFile } from 'node:fs/promises'
import type Router from '@koa/router'

const files = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/status.css', 'status.css', 'text/css; charset=utf-8'],
  ['/status.js', 'status.js', 'text/javascript; charset=utf-8'],
  ['/docs.css', 'docs.css', 'text/css; charset=utf-8'],
  ['/session.js', 'session.js', 'text/javascript; charset=utf-8'],
] as const

/** The status page: its files, read once at the start. */
export async function addPages(router: Router): Promise<void> {
  for (const [path, name, type] of files) {
    const content = await readFile(new URL(`public/${name}`, import.meta.url))
    router.get(path, (ctx) => {
      ctx.set('cache-control', 'no-cache')
      ctx.type = type
      ctx.body = content
    })
  }
}
