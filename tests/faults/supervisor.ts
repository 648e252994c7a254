import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '#libs/child-process/port.ts'
import { type ServerProcess, startServer } from '#libs/child-process/server.ts'

/** The end of a process. */
export interface Exit {
  readonly name: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What it was sent; null when it ended by itself. */
  readonly sent: NodeJS.Signals | null
  /** From the signal to the end. */
  readonly tookMs: number
  /** The end of what it said; empty when it was asked to end. */
  readonly said: string
}

interface Replica {
  readonly name: string
  readonly service: string
  readonly port: number
  process: ServerProcess | undefined
  sent: { readonly signal: NodeJS.Signals; readonly at: number } | undefined
  /** False once it is to stay away. */
  wanted: boolean
  /** Resolves when it is not wanted any more and has ended. */
  life: Promise<void>
}

/** How soon a process that has ended is started again, as an orchestrator would. */
const RESTART_MS = 250
/** What is kept of the log of a process that nobody asked to end. */
const LAST_LINES = 4
/** How long a process that is asked to end may take to get to work first. */
const READY_MS = 15_000

/** Keeps processes of the services running: whatever ends is started again until it is removed. */
export class Supervisor {
  readonly exits: Exit[] = []
  readonly #replicas = new Map<string, Replica>()
  readonly #environment: Readonly<Record<string, string>>
  readonly #folder: string

  constructor(options: { readonly environment: Readonly<Record<string, string>>; readonly folder: string }) {
    this.#environment = options.environment
    this.#folder = options.folder
  }

  get names(): readonly string[] {
    return [...this.#replicas.keys()]
  }

  /** Processes that ended although nobody asked them to. */
  get endedByThemselves(): readonly Exit[] {
    return this.exits.filter((exit) => exit.sent === null)
  }

  /** Starts replicas `<service>-0`, `-1`, … beyond those that there are; resolves when their first processes run. */
  async scale(service: string, count: number): Promise<void> {
    for (let index = 0; index < count; index++) await this.add(service, `${service}-${index}`)
  }

  async add(service: string, name: string): Promise<void> {
    if (this.#replicas.has(name)) return
    const replica: Replica = {
      name,
      service,
      port: await freePort(),
      process: undefined,
      sent: undefined,
      wanted: true,
      life: Promise.resolve(),
    }
    this.#replicas.set(name, replica)
    await this.#launch(replica)
    replica.life = this.#keep(replica)
  }

  urlOf(name: string): string {
    return `http://127.0.0.1:${this.#get(name).port}`
  }

  /** Whether the process runs and says that it can do its work. */
  async isReady(name: string): Promise<boolean> {
    return fetch(`${this.urlOf(name)}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.ok,
      () => false,
    )
  }

  /**
   * Sends a signal to the process, or to the next one while none runs; resolves when that one has ended. SIGTERM waits
   * for a process that works: Node itself ends one that is still loading, and nothing is lost with it.
   */
  async strike(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<Exit> {
    const replica = this.#get(name)
    if (signal === 'SIGTERM') await this.#untilReady(replica)
    while (!replica.process?.running) await sleep(20)
    const { process } = replica
    replica.sent ??= { signal, at: performance.now() }
    const already = this.exits.length
    process.signal(signal)
    await process.ended
    for (;;) {
      const exit = this.exits.slice(already).find((one) => one.name === name)
      if (exit) return exit
      await sleep(5)
    }
  }

  /** Asks the process to end and starts no other. */
  async remove(name: string): Promise<void> {
    const replica = this.#get(name)
    await this.#untilReady(replica)
    replica.wanted = false
    if (replica.process?.running) await this.strike(name, 'SIGTERM')
    await replica.life
    this.#replicas.delete(name)
  }

  /** Asks all of them to end, and kills what has not after `graceMs`. */
  async stop(graceMs = 30_000): Promise<void> {
    const all = [...this.#replicas.values()]
    const late = setTimeout(() => {
      for (const { process } of all) process?.signal('SIGKILL')
    }, graceMs)
    await Promise.all(all.map(({ name }) => this.remove(name)))
    clearTimeout(late)
  }

  async #untilReady({ name }: Replica): Promise<void> {
    const deadline = performance.now() + READY_MS
    while (performance.now() < deadline && !(await this.isReady(name))) await sleep(50)
  }

  async #keep(replica: Replica): Promise<void> {
    for (;;) {
      const { process } = replica
      if (process) {
        const { code, signal } = await process.ended
        const { sent } = replica
        replica.sent = undefined
        this.exits.push({
          name: replica.name,
          code,
          signal,
          sent: sent?.signal ?? null,
          tookMs: sent ? Math.round(performance.now() - sent.at) : 0,
          said: sent ? '' : process.lastOutput(LAST_LINES),
        })
      }
      if (!replica.wanted) return
      await sleep(RESTART_MS)
      if (!replica.wanted) return
      await this.#launch(replica)
    }
  }

  async #launch(replica: Replica): Promise<void> {
    replica.process = await startServer({
      name: replica.name,
      command: process.execPath,
      // A warning of Node is a finding: with its stack, it says where to look.
      args: ['--trace-warnings', 'cli/asinstream.ts', 'serve', replica.service],
      env: { ...process.env, ...this.#environment, PORT: String(replica.port) },
      logFile: join(this.#folder, `${replica.name}.log`),
      pidFile: join(this.#folder, `${replica.name}.pid`),
    })
  }

  #get(name: string): Replica {
    const replica = this.#replicas.get(name)
    if (!replica) throw new Error(`there is no ${name}: ${this.names.join(', ')}`)
    return replica
  }
}
