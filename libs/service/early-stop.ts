/**
 * Node ends a process by the signal itself as long as nobody listens, and loading a service's modules takes a while. There
 * is nothing in flight then, so an orchestrator that changes its mind gets the same exit code 0 as later. This module
 * imports nothing: it has to be there before the rest.
 */

const end = (): void => process.exit(0)

/** From here on SIGTERM and SIGINT end the process with 0, until `stopSignal` listens to them. */
export function endWhileLoading(): void {
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

/** Somebody else listens now. */
export function leaveToOthers(): void {
  process.off('SIGTERM', end)
  process.off('SIGINT', end)
}
