import type { ServerProcess } from '#libs/child-process/server.ts'

/** A running server that a test can treat as badly as the world does. */
export interface StackNode {
  readonly port: number
  /** Of the process that runs now; another one after `restart`. */
  readonly pid: number
  /** SIGKILL, as a crash would; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on its port, ending it first if it still runs; resolves when it answers. */
  restart(): Promise<void>
  /** Stops it in its tracks: connections stay open and nothing answers, until `resume`. */
  pause(): void
  resume(): void
  /** Resolves when the process that runs now has ended. */
  ended(): Promise<unknown>
}

export async function startNode(port: number, launch: () => Promise<ServerProcess>): Promise<StackNode> {
  let server = await launch()
  const kill = () => server.end('SIGKILL', 0)
  return {
    port,
    get pid() {
      return server.pid
    },
    kill,
    async restart() {
      await kill()
      server = await launch()
    },
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    ended: () => server.ended,
  }
}
