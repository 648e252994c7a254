import type { EventLog } from '#libs/event-log/port.ts'

/** The log with some of what it does replaced. */
export function withLog(log: EventLog, changed: Partial<EventLog>): EventLog {
  return {
    append: (records) => log.append(records),
    consume: (options) => log.consume(options),
    admin: log.admin,
    ping: () => log.ping(),
    close: () => log.close(),
    ...changed,
  }
}
