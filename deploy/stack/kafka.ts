import { existsSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from '#libs/child-process/port.ts'
import { endLeftover, startServer } from '#libs/child-process/server.ts'
import { cached, runTool, StackError, stackFile } from './cache.ts'
import { inFolder } from './folder.ts'
import { activeController, knowsItself, underReplicated } from './kafka-metadata.ts'
import { type NodeProperties, serverProperties } from './kafka-properties.ts'
import { copyJars, needJava } from './maven.ts'
import { type StackNode, startNode } from './node.ts'
import { untilReady } from './ready.ts'

export interface KafkaOptions {
  /** Data, logs and configuration of every node, one folder each. Kept data is used again. */
  dir: string
  /** 1, the default, or 3: then topics have three replicas, two of which must have a record before it counts. */
  count?: 1 | 3
  /** One port per node on 127.0.0.1; free ones otherwise. */
  ports?: readonly number[]
  /**
   * For clients that come another way, such as through a proxy: per node, the port of 127.0.0.1 that it sends them to.
   * They find a listener of their own at `outside`.
   */
  advertised?: readonly number[]
  say?: (line: string) => void
}

export interface Kafka {
  /** Comma-separated, as KAFKA_BROKERS takes it. */
  readonly brokers: string
  readonly nodes: readonly StackNode[]
  /** Per node, the port of the listener for those that come another way; empty without `advertised`. */
  readonly outside: readonly number[]
  /** The node that leads the metadata quorum, as the first node that answers knows it. */
  controller(): Promise<StackNode>
  /** Partitions that lack a replica in sync, as the first node that answers knows it. */
  underReplicated(): Promise<number>
  stop(): Promise<void>
}

const CLUSTER_ID = 'YXNpbnN0cmVhbS1zdGFjaw'

/**
 * Starts Apache Kafka 4.1 (KRaft, no ZooKeeper) on loopback.
 * @throws StackError when Java or Maven is missing, or when a node does not start (with its last output)
 */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  const count = options.count ?? 1
  const { ports: wanted, advertised = [], say = () => {} } = options
  if (wanted !== undefined && wanted.length !== count) {
    throw new StackError(`Kafka with ${count} nodes needs ${count} ports, not ${wanted.length}.`)
  }
  await needJava()
  const jars = await cached({ name: 'kafka', inputs: [stackFile('pom.xml')], build: copyKafka }, say)
  return inFolder(options.dir, async (dir, release) => {
    await endLeftovers(dir)
    const free = await freePorts(3 * count)
    const ports = wanted ?? free.slice(0, count)
    const controllers = free.slice(count, 2 * count)
    const outside = free.slice(2 * count).slice(0, advertised.length)
    const starts = ports.map((port, index) => {
      const [own, named] = [outside[index], advertised[index]]
      const other = own !== undefined && named !== undefined && { outside: { port: own, advertised: named } }
      return startBroker({ id: index + 1, dir, jars, port, controllers, ...other })
    })
    const nodes = await allOrNone(starts)
    return {
      brokers: ports.map((port) => `127.0.0.1:${port}`).join(','),
      nodes,
      outside,
      async controller() {
        const id = await Promise.any(nodes.map(({ port }) => activeController(port)))
        const node = nodes[id - 1]
        if (node === undefined) throw new StackError('The metadata quorum of Kafka has no leader just now.')
        return node
      },
      underReplicated: () => Promise.any(nodes.map(({ port }) => underReplicated(port))),
      // Killed rather than asked: leaving a cluster in good order takes seconds, and a restart recovers what it had.
      stop: async () => {
        await Promise.all(nodes.map((node) => node.kill())).finally(release)
      },
    }
  })
}

/** All the nodes, or none: when one fails, those that came up are ended. */
async function allOrNone(starts: Promise<StackNode>[]): Promise<StackNode[]> {
  const results = await Promise.allSettled(starts)
  const failure = results.find((result) => result.status === 'rejected')
  const nodes = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  if (failure === undefined) return nodes
  await Promise.all(nodes.map((node) => node.kill()))
  throw failure.reason
}

interface BrokerOptions extends Omit<NodeProperties, 'home'> {
  dir: string
  jars: string
}

async function startBroker(node: BrokerOptions): Promise<StackNode> {
  const home = join(node.dir, `node-${node.id}`)
  const properties = join(home, 'server.properties')
  await mkdir(home, { recursive: true })
  writeFileSync(properties, serverProperties({ ...node, home }))
  const java = ['-cp', join(node.jars, '*'), `-Dlog4j2.configurationFile=${stackFile('log4j2.properties')}`]
  if (!existsSync(join(home, 'data/meta.properties'))) {
    const format = ['format', '--cluster-id', CLUSTER_ID, '--config', properties, '--ignore-formatted']
    await runTool('java', [...java, '-XX:TieredStopAtLevel=1', 'kafka.tools.StorageTool', ...format], {
      purpose: `prepare the data folder of Kafka (${home})`,
    })
  }
  return startNode(node.port, async () => {
    const server = await startServer({
      name: 'Kafka',
      command: 'java',
      args: ['-Xms128m', '-Xmx512m', '-Djava.awt.headless=true', ...java, 'kafka.Kafka', properties],
      logFile: join(home, 'kafka.log'),
      pidFile: pidFile(node.dir, node.id),
    })
    await untilReady('Kafka', server, node.port, () => knowsItself(node.port))
    return server
  })
}

function pidFile(dir: string, id: number): string {
  return join(dir, `node-${id}.pid`)
}

async function endLeftovers(dir: string): Promise<void> {
  for (const id of [1, 2, 3]) await endLeftover(pidFile(dir, id), join(dir, `node-${id}`))
}

function copyKafka(folder: string, scratch: string): Promise<void> {
  return copyJars('kafka', folder, scratch)
}
