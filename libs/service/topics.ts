import type { EventLog } from '#libs/event-log/port.ts'

/** Rejects, with what to do, when the log lacks one of these topics. */
export async function requireTopics(log: EventLog, names: readonly string[]): Promise<void> {
  const existing = new Set(await log.admin.listTopics())
  const missing = names.filter((name) => !existing.has(name))
  if (missing.length > 0) {
    throw new Error(`the log lacks the topic(s) ${missing.join(', ')}. Run: npm run migrate`)
  }
}
