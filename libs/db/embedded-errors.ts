/** The server can not be had; the message says why and what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}

/** What a failure of the file system means to the person who started it. */
export function folderError(dir: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new EmbeddedPostgresError(
      `No permission to write to ${dir} (${code}). Run as its owner, or choose another data folder.`,
    )
  }
  if (code === 'ENOSPC') return diskFull(dir)
  return new EmbeddedPostgresError(`The folder ${dir} can not be used: ${message}`)
}

export function diskFull(dir: string): Error {
  return new EmbeddedPostgresError(
    `The disk that holds ${dir} is full. Free some space, or choose another data folder; nothing stored is lost.`,
  )
}

export function portTaken(port: number): Error {
  return new EmbeddedPostgresError(
    `Port ${port} is in use. Stop what listens there, or choose another port (0 takes a free one).`,
  )
}

/** Finds the cause in what PostgreSQL printed; `port` is undefined while it makes the data folder. */
export function startError(dir: string, output: string, port: number | undefined): Error {
  if (/No space left on device/i.test(output)) return diskFull(dir)
  if (port !== undefined && /could not bind/.test(output)) return portTaken(port)
  if (/Permission denied/i.test(output)) {
    return new EmbeddedPostgresError(
      `PostgreSQL has no access to ${dir}. Run as its owner, or choose another data folder.\n${output}`,
    )
  }
  return new EmbeddedPostgresError(`PostgreSQL does not start from ${dir}:\n${output}`)
}
