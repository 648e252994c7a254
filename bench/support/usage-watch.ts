import {
  cpuSecondsOfTree,
  peakResidentMegabytes,
  proportionalMegabytesOfTree,
  residentMegabytes,
} from './process-usage.ts'

export interface WatchedProcess {
  /** What a table calls it; processes of one name are added up. */
  readonly name: string
  readonly pid: number
  /** A server of many processes, whose memory is theirs together. */
  readonly tree?: boolean
}

export interface Usage {
  readonly name: string
  readonly processes: number
  /** Of all processes of the name, while they were watched. */
  readonly cpuSeconds: number | null
  /** Of the largest of them, in MB. */
  readonly peakMegabytes: number | null
  /** Of one of them on average, over the second and over the last quarter of the time: the same when memory is flat. */
  readonly secondQuarterMegabytes: number | null
  readonly lastQuarterMegabytes: number | null
}

/** Counts CPU from now on and samples memory; the function that it returns ends that. */
export function watchUsage(processes: readonly WatchedProcess[], everyMs = 1_000): () => readonly Usage[] {
  const before = processes.map(({ pid }) => cpuSecondsOfTree(pid))
  const samples: (number | null)[][] = processes.map(() => [])
  // What a server's processes share can only be told apart by walking all their pages: seldom.
  let round = 0
  const sampler = setInterval(() => {
    processes.forEach(({ pid, tree }, index) => {
      if (!tree) samples[index]!.push(residentMegabytes(pid))
      else if (round % 10 === 0) samples[index]!.push(proportionalMegabytesOfTree(pid))
    })
    round++
  }, everyMs)
  return () => {
    clearInterval(sampler)
    const each = processes.map(({ name, pid, tree }, index) => {
      const [from, to] = [before[index], cpuSecondsOfTree(pid)]
      const of = samples[index]!.filter((sample) => sample !== null)
      const quarter = (n: number) =>
        mean(of.slice(Math.floor((of.length * n) / 4), Math.ceil((of.length * (n + 1)) / 4)))
      const peak = tree ? null : peakResidentMegabytes(pid)
      return {
        name,
        cpu: from === null || from === undefined || to === null ? null : to - from,
        peak: peak ?? (of.length > 0 ? Math.max(...of) : null),
        second: quarter(1),
        last: quarter(3),
      }
    })
    return [...Map.groupBy(each, ({ name }) => name)].map(([name, members]) => ({
      name,
      processes: members.length,
      cpuSeconds: total(members.map(({ cpu }) => cpu)),
      peakMegabytes: most(members.map(({ peak }) => peak)),
      secondQuarterMegabytes: mean(members.map(({ second }) => second)),
      lastQuarterMegabytes: mean(members.map(({ last }) => last)),
    }))
  }
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null)
}

function total(values: readonly (number | null)[]): number | null {
  return known(values).length < values.length ? null : known(values).reduce((sum, value) => sum + value, 0)
}

function most(values: readonly (number | null)[]): number | null {
  return known(values).length === 0 ? null : Math.max(...known(values))
}

function mean(values: readonly (number | null)[]): number | null {
  const given = known(values)
  return given.length === 0 ? null : Math.round(given.reduce((sum, value) => sum + value, 0) / given.length)
}
