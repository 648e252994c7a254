import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { startKafka } from './kafka.ts'
import { startRedis } from './redis.ts'
import { startRegistry } from './registry.ts'

const HELP = `Usage: npm run stack -- [options]

Brings up the real servers of the cluster mode on this machine, without Docker: Apache Kafka, PostgreSQL,
Redis and a schema registry, on 127.0.0.1 only. Prints the variables to set, and stays until Ctrl-C.

Options:
  --dir DIR             where their data is kept (default .asinstream/stack)
  --kafka-nodes 1|3     one broker, or a cluster of three (default 1)
  --only LIST           some of kafka,postgres,redis,registry (default all)
  --help                this text

Needs Java 17 or newer and Maven for Kafka, Maven for Redis, Go for the registry; what they fetch is kept in
.asinstream/cache (ASINSTREAM_CACHE). PostgreSQL comes with npm ci.

Exit codes: 0 stopped by you, 1 a server did not start or ended by itself, 2 wrong usage.
`

interface Part {
  variable: string
  value: string
  ended: Promise<unknown>
  stop(): Promise<void>
}

interface Options {
  dir: string
  kafkaNodes: 1 | 3
  only: readonly Name[]
}

const NAMES = ['kafka', 'postgres', 'redis', 'registry'] as const
type Name = (typeof NAMES)[number]

const PARTS: Record<Name, (options: Options) => Promise<Part>> = {
  async kafka({ dir, kafkaNodes }) {
    const kafka = await startKafka({ dir: join(dir, `kafka-${kafkaNodes}`), count: kafkaNodes, say })
    const ended = Promise.race(kafka.nodes.map((node) => node.ended()))
    return { variable: 'KAFKA_BROKERS', value: kafka.brokers, ended, stop: kafka.stop }
  },
  async postgres({ dir }) {
    const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres') })
    return { variable: 'DATABASE_URL', value: postgres.url, ended: postgres.ended, stop: postgres.stop }
  },
  async redis({ dir }) {
    const redis = await startRedis({ dir: join(dir, 'redis'), say })
    return { variable: 'REDIS_URL', value: redis.url, ended: redis.ended(), stop: redis.stop }
  },
  async registry({ dir }) {
    const registry = await startRegistry({ dir: join(dir, 'registry'), say })
    return {
      variable: 'SCHEMA_REGISTRY_URL',
      value: registry.url,
      ended: registry.ended(),
      stop: registry.stop,
    }
  },
}

process.exitCode = await main(process.argv.slice(2))

async function main(argv: string[]): Promise<number> {
  let options: Options | 'help'
  try {
    options = parse(argv)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`)
    return 2
  }
  if (options === 'help') {
    console.log(HELP)
    return 0
  }
  const { promise: interrupted, forget } = interruption()
  const starts = options.only.map((name) => PARTS[name](options))
  const stopAll = async () => {
    const started = (await Promise.allSettled(starts)).flatMap((s) =>
      s.status === 'fulfilled' ? [s.value] : [],
    )
    await Promise.all(started.map((part) => part.stop()))
  }
  try {
    say('starting (the first time fetches what is missing) …')
    const parts = await Promise.race([Promise.all(starts), interrupted])
    if (parts === 'interrupted') return 0
    say(nextSteps(parts))
    const crash = parts.map((part) => part.ended.then(() => part.variable))
    const first = await Promise.race([interrupted, ...crash])
    if (first === 'interrupted') return 0
    console.error(`The server behind ${first} ended by itself; its log is in ${options.dir}.`)
    return 1
  } catch (error) {
    console.error((error as Error).message)
    return 1
  } finally {
    await stopAll()
    forget()
  }
}

function parse(argv: string[]): Options | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      dir: { type: 'string', default: '.asinstream/stack' },
      'kafka-nodes': { type: 'string', default: '1' },
      only: { type: 'string', default: NAMES.join(',') },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const nodes = Number(values['kafka-nodes'])
  if (nodes !== 1 && nodes !== 3) throw new Error(`--kafka-nodes takes 1 or 3, not ${values['kafka-nodes']}`)
  const only = values.only.split(',').map((text) => {
    const name = NAMES.find((known) => known === text.trim())
    if (name === undefined) throw new Error(`--only takes some of ${NAMES.join(',')}, not "${text.trim()}"`)
    return name
  })
  return { dir: resolve(values.dir), kafkaNodes: nodes, only: [...new Set(only)] }
}

function nextSteps(parts: readonly Part[]): string {
  const exports = parts.map((part) => `  export ${part.variable}='${part.value}'`)
  return [
    'The servers are up. In another terminal, paste:',
    '',
    ...exports,
    '',
    'and then, for example:  npm run migrate && npm run serve all',
    'Ctrl-C here stops them. What Kafka and PostgreSQL hold stays; Redis and the registry forget.',
  ].join('\n')
}

/** Also keeps the process alive until `forget`: the servers by themselves do not. */
function interruption(): { promise: Promise<'interrupted'>; forget(): void } {
  const alive = setInterval(() => {}, 60_000)
  const promise = new Promise<'interrupted'>((settle) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => settle('interrupted'))
    }
  })
  return { promise, forget: () => clearInterval(alive) }
}

function say(line: string): void {
  console.log(line)
}
