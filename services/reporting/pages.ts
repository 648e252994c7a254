import type Router from '@koa/router'
import type { Context } from 'koa'
import { Problem } from '#libs/service/problem.ts'
import { contentSecurityPolicy } from './middleware.ts'
import { type Asset, type Encoding, encodings, readPageAssets } from './page-assets.ts'

/** The dashboard at `/` and `/ui/…`, and its files under addresses that change with their content. */
export async function addPages(router: Router): Promise<void> {
  const { version, files, shell, importMapHash, docsStyle } = await readPageAssets()
  const policy = contentSecurityPolicy([importMapHash])

  // Which page it is, the script sees from the address: links to any of them survive a reload.
  for (const path of ['/', '/ui', '/ui/*page']) {
    router.get(path, async (ctx) => {
      ctx.set({ 'cache-control': 'no-cache', 'content-security-policy': policy })
      await send(ctx, shell)
    })
  }
  router.get('/assets/:version/*file', async (ctx) => {
    const { version: asked, file = '' } = ctx.params
    const asset = files.get(file)
    if (!asset) throw new Problem('not-found', 'the dashboard has no such file')
    // Headers for documents: with fifty files they would be a third of what is sent.
    for (const name of ['content-security-policy', 'cross-origin-opener-policy', 'referrer-policy'])
      ctx.remove(name)
    // Under another version's address, of a page that was opened before an upgrade, nothing is kept.
    ctx.set('cache-control', asked === version ? 'public, max-age=31536000, immutable' : 'no-store')
    await send(ctx, asset)
  })
  router.get('/docs.css', async (ctx) => {
    ctx.set('cache-control', 'no-cache')
    await send(ctx, docsStyle)
  })
}

async function send(ctx: Context, asset: Asset): Promise<void> {
  const encoding = (ctx.acceptsEncodings(...encodings) || 'identity') as Encoding
  ctx.vary('accept-encoding')
  if (encoding !== 'identity') ctx.set('content-encoding', encoding)
  ctx.type = asset.type
  ctx.body = await asset.body(encoding)
}
