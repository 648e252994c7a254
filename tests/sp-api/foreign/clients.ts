import { copyFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cached, runTool } from '#deploy/stack/cache.ts'

const packages = join(import.meta.dirname, 'packages')
const files = ['package.json', 'package-lock.json']

/**
 * Imports a package of `packages/package.json`, at the version of its lock file. They are installed into the cache, once,
 * rather than into the project: Amazon's SDK brings a compiler and a hundred packages. None of their scripts is run.
 * Null, and said loudly, when the registry can not be reached; in CI that throws.
 */
// biome-ignore lint/suspicious/noExplicitAny: what others wrote has whatever types they wrote.
export async function foreignClient(name: string): Promise<any> {
  let folder: string
  try {
    folder = await installed()
  } catch (error) {
    if (process.env.CI) throw error
    process.stderr.write(`SKIPPED: every suite that needs ${name}: ${String(error)}\n`)
    return null
  }
  const { resolve } = createRequire(join(folder, 'package.json'))
  return import(pathToFileURL(resolve(name)).href)
}

function installed(): Promise<string> {
  return cached(
    {
      name: 'foreign-clients',
      inputs: files.map((file) => join(packages, file)),
      async build(out) {
        for (const file of files) copyFileSync(join(packages, file), join(out, file))
        const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']
        await runTool('npm', options, { cwd: out, purpose: "install others' clients of Amazon's API" })
      },
    },
    (line) => process.stderr.write(`${line}\n`),
  )
}
