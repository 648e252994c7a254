import { join } from 'node:path'

export interface NodeProperties {
  id: number
  home: string
  port: number
  /** A second listener, which names another port of 127.0.0.1 to its clients than the one that it listens on. */
  outside?: { readonly port: number; readonly advertised: number }
  /** Of all nodes, in the order of their ids. */
  controllers: readonly number[]
}

/** The configuration of one node, broker and controller in one process, as a Java properties file. */
export function serverProperties(node: NodeProperties): string {
  const replicas = node.controllers.length
  const voters = node.controllers.map((port, index) => `${index + 1}@127.0.0.1:${port}`)
  const { port, outside } = node
  const listeners = [
    `PLAINTEXT://127.0.0.1:${port}`,
    ...(outside ? [`OUTSIDE://127.0.0.1:${outside.port}`] : []),
  ]
  const advertised = [
    `PLAINTEXT://127.0.0.1:${port}`,
    ...(outside ? [`OUTSIDE://127.0.0.1:${outside.advertised}`] : []),
  ]
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': voters.join(','),
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${node.controllers[node.id - 1]}`].join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(node.home, 'data').replaceAll('\\', '/'),
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.max(1, replicas - 1),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.max(1, replicas - 1),
    'transaction.state.log.num.partitions': 5,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': Math.max(1, replicas - 1),
    // A group starts with its first member instead of waiting three seconds for more.
    'group.initial.rebalance.delay.ms': 0,
    // Tests of dead members need short sessions.
    'group.min.session.timeout.ms': 1000,
    // A killed node of a cluster is noticed after three seconds instead of nine.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
