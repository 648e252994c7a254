#!/usr/bin/env node
// No static imports: a Node that is too old has to get as far as the check below.
const major = Number(process.versions.node.split('.')[0])

if (major < 24) {
  process.stderr.write(
    `asinstream needs Node 24 or newer; this is ${process.versions.node}. ` +
      'Run it through npm in its folder (npm start, npm run status, …): npm ci brings a Node 24 along.\n',
  )
  process.exitCode = 2
} else {
  // Type stripping and compilation once per change: half of a start, and 24 MB that stripping would keep.
  const { enableCompileCache } = await import('node:module')
  enableCompileCache(
    process.env.NODE_COMPILE_CACHE || `${import.meta.dirname}/../node_modules/.cache/asinstream`,
  )
  if (process.argv[2] === 'serve') {
    const { limitHeap } = await import('./heap.ts')
    limitHeap()
    const { endWhileLoading } = await import('#libs/service/early-stop.ts')
    endWhileLoading()
  }
  // `asinstream status | head` closes the pipe: that is an end, not a failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1)
  })
  const { main } = await import('./main.ts')
  process.exitCode = await main(process.argv.slice(2))
}

export {}
