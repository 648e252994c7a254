import { createRandom } from '#simulator/catalogue/hash.ts'
import { type Crash, MOMENTS, type Moment } from './plan.ts'
import type { CellResult, ServiceName, Stage } from './stage.ts'

/** What was tried of one service, and what came of it. */
export interface ModelReport {
  readonly service: ServiceName
  /** Steps of a process that is not ended: from its first request to the end of its connections. */
  readonly steps: number
  /** Steps at which a process was ended, by moment. */
  readonly ended: Readonly<Record<Moment, number>>
  /** Runs in which two or three processes were ended one after the other. */
  readonly chains: number
  readonly seconds: number
  /** The step to go on from when the time was over first. */
  readonly next?: number | null
  /** One line for each finding, with the run that it is of. */
  readonly findings: readonly string[]
}

export interface ModelOptions {
  readonly service: ServiceName
  readonly stage: Pick<Stage, 'run'>
  readonly say?: (line: string) => void
}

/**
 * Ends a process before its first step, another before its second, and so on until one has no step left at which to end,
 * nor had any before it; and at each step that others see the effect of, also when it has been sent. What a process answers to the end of an
 * answer is what it does before its next step, so `answered` adds nothing but the order of what goes on at the same time:
 * `trySample` draws it.
 */
export async function tryEveryStep(
  options: ModelOptions & { readonly from?: number; readonly to?: number; readonly budgetMs?: number },
): Promise<ModelReport> {
  const { from = 1, to = Number.POSITIVE_INFINITY, budgetMs = Number.POSITIVE_INFINITY } = options
  const deadline = performance.now() + budgetMs
  const model = new Model(options)
  const { steps } = await model.run([{ at: null, moment: 'before' }])
  let longest = steps.length
  let next: number | null = null
  for (let at = from; at <= to; at++) {
    if (performance.now() > deadline) {
      next = at
      break
    }
    const { crashedAt, steps } = await model.run([{ at, moment: 'before' }])
    const [step] = crashedAt
    longest = Math.max(longest, steps.length)
    // Some runs take fewer steps than others.
    if (step === undefined && at > longest) break
    if (step?.visible) await model.run([{ at, moment: 'sent' }])
  }
  return { ...model.report(steps.length), next }
}

/** How often a place is drawn anew that a run did not come to: some take fewer steps than others, on a busy machine most. */
const DRAWS = 5

/** A process that is not ended, `cells` that end at random steps and moments, and `chains` of two or three such. */
export async function trySample(
  options: ModelOptions & { readonly seed: number; readonly cells: number; readonly chains: number },
): Promise<ModelReport> {
  const { seed, cells, chains } = options
  const random = createRandom(seed)
  const model = new Model(options)
  const { steps } = await model.run([{ at: null, moment: 'before' }])
  let places = steps.length
  const crash = (): Crash => ({
    at: 1 + Math.floor(random() * places),
    moment: MOMENTS[Math.floor(random() * MOMENTS.length)] ?? 'before',
  })
  for (let i = 0; i < cells; i++) {
    for (let draw = 0; draw < DRAWS; draw++) {
      const result = await model.run([crash()])
      if (result.crashedAt.length > 0) break
      places = Math.max(1, Math.min(places, result.steps.length))
    }
  }
  // The second process dies while it takes over from the first, or later.
  for (let i = 0; i < chains; i++)
    await model.run(random() < 0.5 ? [crash(), crash()] : [crash(), crash(), crash()])
  return model.report(steps.length)
}

class Model {
  readonly #options: ModelOptions
  readonly #ended: Record<Moment, number> = { before: 0, sent: 0, answered: 0 }
  readonly #findings: string[] = []
  readonly #started = performance.now()
  #chains = 0

  constructor(options: ModelOptions) {
    this.#options = options
  }

  async run(crashes: readonly Crash[]): Promise<CellResult> {
    const { service, stage, say = () => {} } = this.#options
    const result = await stage.run(crashes)
    const where = result.crashedAt
      .map(({ what }, i) => `${crashes[i]?.moment} ${crashes[i]?.at} (${what})`)
      .join(', then ')
    for (const i of result.crashedAt.keys()) this.#ended[crashes[i]?.moment ?? 'before']++
    if (result.crashedAt.length > 1) this.#chains++
    const findings = result.findings.map(({ kind, detail }) => `${service}: ${where}: ${kind}: ${detail}`)
    this.#findings.push(...findings)
    const good = findings.length === 0 ? 'good' : `${findings.length} findings: ${findings[0]}`
    say(
      `${service}: ${where || `no end, ${result.steps.length} steps`}: ${good}, ${result.seconds.toFixed(1)} s`,
    )
    return result
  }

  report(steps: number): ModelReport {
    return {
      service: this.#options.service,
      steps,
      ended: this.#ended,
      chains: this.#chains,
      seconds: Math.round((performance.now() - this.#started) / 1_000),
      findings: this.#findings,
    }
  }
}
