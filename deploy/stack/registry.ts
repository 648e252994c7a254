import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '#libs/child-process/port.ts'
import { endLeftover, startServer } from '#libs/child-process/server.ts'
import { cached, runTool, stackFile } from './cache.ts'
import { inFolder } from './folder.ts'
import { goEnvironment, needGo } from './go.ts'
import { type StackNode, startNode } from './node.ts'
import { untilReady } from './ready.ts'

const ADVICE =
  'Install Go (Debian: apt-get install golang-go, 1.21 or newer), which builds the schema registry once. ' +
  'Without it, leave SCHEMA_REGISTRY_URL unset: the schemas/ folder serves instead.'

export interface RegistryOptions {
  /** Its log and pid file are kept here; it stores no data. */
  dir: string
  /** 0, the default, takes a free one. */
  port?: number
  /** Hears about downloads. */
  say?: (line: string) => void
}

/** A registry that remembers nothing after `restart`. */
export interface Registry extends StackNode {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Starts a schema registry of the Confluent protocol on loopback, in memory.
 * @throws StackError when Go is missing, or when it does not build or start
 */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const binary = join(await cached(artifact(), options.say ?? (() => {})), 'schema-registry')
  return inFolder(options.dir, async (dir, release) => {
    const name = 'The schema registry'
    const pidFile = join(dir, 'registry.pid')
    await endLeftover(pidFile, binary)
    const port = options.port || (await freePort())
    const url = `http://127.0.0.1:${port}`
    const node = await startNode(port, async () => {
      const args = ['-listen', `127.0.0.1:${port}`]
      const server = await startServer({
        name,
        command: binary,
        args,
        logFile: join(dir, 'registry.log'),
        pidFile,
      })
      await untilReady(name, server, port, async () => (await fetch(`${url}/subjects`)).ok)
      return server
    })
    return Object.assign(node, { url, stop: () => node.kill().finally(release) })
  })
}

function artifact() {
  const sources = ['go.mod', 'go.sum', 'main.go']
  return {
    name: 'schema-registry',
    inputs: sources.map((file) => stackFile(join('registry', file))),
    async build(folder: string, scratch: string) {
      await needGo(ADVICE)
      for (const file of sources) await copyFile(stackFile(join('registry', file)), join(scratch, file))
      await runTool('go', ['build', '-trimpath', '-o', join(folder, 'schema-registry'), '.'], {
        cwd: scratch,
        env: goEnvironment(scratch),
        purpose: 'build the schema registry (is the network there?)',
      })
    },
  }
}
