#!/usr/bin/env node
// Plain JavaScript for whatever Node is at hand: one older than 24 cannot even open asinstream.ts.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import('./asinstream.ts')
} else {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  const script = fileURLToPath(new URL('./asinstream.ts', import.meta.url))
  if (existsSync(node)) {
    const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: 'inherit' })
    // Ctrl-C reaches both processes, an orchestrator's signal this one alone; it waits for what the other makes of it.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    child.on('error', (error) => {
      process.stderr.write(`asinstream: ${error.message}\n`)
      process.exitCode = 1
    })
    child.on('exit', (code) => {
      process.exitCode = code ?? 1
    })
  } else {
    process.stderr.write(
      `asinstream needs Node 24 or newer; this is ${process.versions.node}. Run npm ci in its folder: it brings one along.\n`,
    )
    process.exitCode = 2
  }
}
