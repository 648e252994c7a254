import type { Database } from '#libs/db/database.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { checkTotals, type Finding } from '#tests/faults/checker.ts'
import { checkProducts, readTotals } from '#tests/faults/facts.ts'
import type { Load } from './load.ts'
import type { MovingCatalogue } from './moving-catalogue.ts'

/** The faults checker over a catalogue that changed all the time, and over jobs that each asked for a part of it. */
export async function checkSoak(options: {
  readonly catalogue: MovingCatalogue
  readonly load: Pick<Load, 'jobs'>
  readonly db: Database
  readonly log: EventLog
  /** Base URL of the simulator. */
  readonly amazon: string
}): Promise<readonly Finding[]> {
  const { catalogue, load, db, log, amazon } = options
  const totals = await readTotals(db, log, amazon)
  const former = catalogue.formerCodes()
  return [
    ...(await checkProducts(db, catalogue.expectations())),
    ...checkTotals(catalogue.expectations(), {
      ...totals,
      jobs: [],
      asked: new Set([...totals.asked].filter((code) => !former.has(code))),
    }),
    ...checkJobs(await readJobs(db), load.jobs),
  ]
}

interface JobFacts {
  readonly id: string
  readonly state: string
  readonly total: number
  /** Sum of the outcomes. */
  readonly done: number
}

/** Each job complete, with as many outcomes as products, and with as many products as it was asked for. */
export function checkJobs(jobs: readonly JobFacts[], asked: ReadonlyMap<string, number>): Finding[] {
  const findings: Finding[] = []
  for (const { id, state, total, done } of jobs) {
    if (state !== 'complete') findings.push({ kind: 'lost', detail: `job ${id} is ${state} at the end` })
    if (done !== total) {
      findings.push({ kind: 'counter', detail: `job ${id} has ${done} outcomes of ${total} products` })
    }
    const wanted = asked.get(id) ?? total
    if (total !== wanted) {
      findings.push({ kind: 'counter', detail: `job ${id} took in ${total} of ${wanted} products` })
    }
  }
  return findings
}

function readJobs(db: Database): Promise<readonly (JobFacts & Record<string, unknown>)[]> {
  return db.query(
    `select j.id, j.state,
            case when j.finished_at is null then coalesce(sum(c.n) filter (where c.outcome = 'total'), 0)
                 else j.total end::int as total,
            case when j.finished_at is null then coalesce(sum(c.n) filter (where c.outcome <> 'total'), 0)
                 else j.done end::int as done
       from sync_jobs j left join sync_job_counts c on c.job_id = j.id group by j.id`,
  )
}
