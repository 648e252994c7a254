const WATCH_MS = 200

/**
 * Under npm, a signal that is sent to npm ends npm and its shell, but never comes here. Once they are gone, this process
 * sends itself the SIGTERM that was meant for it: otherwise it would run on with nobody to end it.
 */
export function endWithNpm(environment: NodeJS.ProcessEnv): void {
  if (environment.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, WATCH_MS)
  watch.unref()
}
