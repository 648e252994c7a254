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
  if (process.argv[2] === 'serve') {
    const { endWhileLoading } = await import('#libs/service/early-stop.ts')
    endWhileLoading()
  }
  const { main } = await import('./main.ts')
  process.exitCode = await main(process.argv.slice(2))
}

export {}
