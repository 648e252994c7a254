import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import type { Database } from './database.ts'
import { createJob } from './jobs.ts'
import { addProducts, openTestDatabase, US } from './testing.ts'

const ROWS = 500

interface PlanNode {
  readonly 'Node Type': string
  readonly Plans?: readonly PlanNode[]
  readonly 'Rows Removed by Join Filter'?: number
}

describeWith(['postgres'], 'the triggers', () => {
  let database: TestDatabase
  let db: Database
  beforeEach(async () => {
    database = await createTestDatabase()
    db = await openTestDatabase(database.url)
    await addProducts(db, ROWS)
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })

  /** Plans of what the statements and their triggers did, all in one session, whose functions keep their plans. */
  async function plansOf(statements: readonly (readonly [string, readonly unknown[]])[]): Promise<string[]> {
    const client = await db.reserve()
    const plans: string[] = []
    client.on('notice', ({ message }) => void plans.push(message ?? ''))
    try {
      for (const setting of [
        "load 'auto_explain'",
        'set auto_explain.log_min_duration = 0',
        'set auto_explain.log_analyze = on',
        'set auto_explain.log_nested_statements = on',
        'set auto_explain.log_format = json',
        'set auto_explain.log_level = notice',
      ]) {
        await client.query(setting)
      }
      for (const [sql, parameters] of statements) await client.query(sql, parameters as unknown[])
      return plans
    } finally {
      client.release(true)
    }
  }

  const rowsComparedInVain = (plan: string): number => {
    const { Plan } = JSON.parse(plan.slice(plan.indexOf('{'))) as { Plan: PlanNode }
    const walk = (node: PlanNode): number =>
      (node['Rows Removed by Join Filter'] ?? 0) + (node.Plans ?? []).reduce((n, p) => n + walk(p), 0)
    return walk(Plan)
  }

  it.each<[string, string]>([
    ['outcomes', `update product_syncs s set state = 'success', synced_at = now() from products p`],
    ['a job', `update product_syncs s set job_id = $1 from products p`],
    ['new codes', `update products p set upc = p.upc || '0' from product_syncs s`],
    ['what changes no code', `update products p set title = 'new' from product_syncs s`],
  ])('cost a row what it costs, also when the session began with a single one: %s', async (_, update) => {
    const job = await createJob(db, { filter: {}, marketplaces: [US], requestedBy: 'test' })
    const only = (skus: string): readonly [string, readonly unknown[]] => [
      `${update} where s.product_id = p.id and p.sku ${skus} and $1::uuid is not null`,
      [job],
    ]
    const plans = await plansOf([only(`= 'S1'`), only(`<> 'S1'`)])
    expect(plans.length).toBeGreaterThan(2)
    expect(plans.filter((plan) => rowsComparedInVain(plan) > ROWS)).toEqual([])
  })
})
