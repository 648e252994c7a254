import { existsSync, renameSync, statSync } from 'node:fs'
import { type DestinationStream, pino } from 'pino'

/** One older log is kept: enough to look back, and it never fills the disk. */
const ROTATE_BYTES = 20_000_000
/** The same warning again within this time stays in the file only. */
const REPEAT_MS = 10_000

export interface LogFile extends DestinationStream {
  readonly path: string
  /** Resolves when everything written is in the file. */
  close(): Promise<void>
}

/**
 * Where every service of dev logs: JSON lines into a file; warnings and worse also as one readable line each.
 * @param show prints such a line on the terminal
 */
export function openLogFile(path: string, show: (level: string, line: string) => void): LogFile {
  if (existsSync(path) && statSync(path).size > ROTATE_BYTES) renameSync(path, `${path}.1`)
  const file = pino.destination({ dest: path, sync: false, mkdir: true })
  // A disk that is full must not end the work; the terminal still has the warnings.
  file.on('error', (error: Error) => show('warn', `the log can not be written to ${path}: ${error.message}`))
  const shownAt = new Map<string, number>()
  let closed = false
  return {
    path,
    write(json) {
      // A connection may end after the log, when the database does: nobody is left to be told, and it must not end the end.
      if (closed) return
      file.write(json)
      if (!/"level":"(warn|error|fatal)"/.test(json)) return
      const { level, line } = readable(json)
      const now = Date.now()
      if (now - (shownAt.get(line) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return
      if (shownAt.size > 100) shownAt.clear()
      shownAt.set(line, now)
      show(level, line)
    },
    close: () =>
      new Promise((resolve) => {
        closed = true
        file.once('close', resolve)
        file.end()
      }),
  }
}

function readable(json: string): { level: string; line: string } {
  try {
    const { level, service, msg, err, reason } = JSON.parse(json) as Record<string, unknown>
    const cause = err && typeof err === 'object' && 'message' in err ? String(err.message) : (reason ?? '')
    const text = [msg, cause].filter((part) => part && part !== msg).map(String)
    return {
      level: String(level),
      line: `${service}: ${[msg, ...text].filter(Boolean).join(': ')}`.split('\n')[0] ?? '',
    }
  } catch {
    return { level: 'warn', line: json.trim() }
  }
}
