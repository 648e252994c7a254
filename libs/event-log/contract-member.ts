import type { EventLog } from './port.ts'

/**
 * A member of a consumer group in a process of its own: `node contract-member.ts '{"module":…}'`. Prints each record as
 * a line of JSON and commits each batch, until it is killed. The contract suite starts it; see `foreignMember`.
 */
interface Task {
  readonly module: string
  readonly factory: string
  readonly options: unknown
  readonly group: string
  readonly topic: string
}

const task = JSON.parse(process.argv[2] ?? '') as Task
const factories = (await import(task.module)) as Record<
  string,
  (options: unknown) => EventLog | Promise<EventLog>
>
const open = factories[task.factory]
if (open === undefined) throw new Error(`${task.module} exports no ${task.factory}`)

const log = await open(task.options)
const consumer = log.consume({ group: task.group, topics: [task.topic] })
for await (const batch of consumer) {
  for (const { value, partition, offset } of batch.records)
    process.stdout.write(`${JSON.stringify({ value: String(value), partition, offset: String(offset) })}\n`)
  await consumer.commit(batch, batch.records.at(-1)!.offset + 1n)
}
