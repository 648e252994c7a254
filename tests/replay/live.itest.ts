import { afterAll, beforeAll, expect, it } from 'vitest'
import { backing, describeWith } from '#tests/support/backing.ts'
import { damage } from './damage.ts'
import { addCatalogue, contents, differences, openStage, type Stage, settled } from './stage.ts'

const PRODUCTS = 300

const clusters = [
  {
    title: 'the log in PostgreSQL',
    needs: ['postgres'] as const,
    environment: (): Record<string, string> => ({}),
  },
  {
    title: 'Kafka with a schema registry',
    needs: ['postgres', 'kafka', 'redis', 'registry'] as const,
    environment: (): Record<string, string> => ({
      KAFKA_BROKERS: backing('kafka'),
      REDIS_URL: backing('redis'),
      SCHEMA_REGISTRY_URL: backing('registry'),
    }),
  },
]

interface Told {
  readonly complete: boolean
  readonly records: number
  readonly kinds: Readonly<Record<string, number>>
  readonly rows: Readonly<Record<string, number>>
}

for (const { title, needs, environment } of clusters) {
  describeWith([...needs], `a replay into the live tables, from ${title}`, () => {
    let stage: Stage
    beforeAll(async () => {
      stage = await openStage(environment())
      await addCatalogue(stage, PRODUCTS)
      await stage.startServices()
      await settled(stage, PRODUCTS)
      await stage.system.stop()
    })
    afterAll(() => stage?.close())

    async function replay(topic: string, ...args: string[]): Promise<Told> {
      const { code, stdout, stderr } = await stage.replay(topic, '--from', 'earliest', '--json', ...args)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return JSON.parse(stdout) as Told
    }
    const changed = ({ kinds }: Told) => kinds.created! + kinds.updated!

    it('finds nothing to do where nothing is wrong', { timeout: 300_000 }, async () => {
      const before = await contents(stage.db)
      for (const topic of ['catalog.sync-results', 'offers.results']) {
        const told = await replay(topic, '--yes')
        expect(told.records).toBeGreaterThan(0)
        expect(told.rows, JSON.stringify(told.kinds)).toEqual(
          Object.fromEntries(Object.keys(told.rows).map((name) => [name, 0])),
        )
      }
      expect(differences(before, await contents(stage.db))).toEqual([])
    })

    it('mends what was lost or damaged, without asking Amazon, and a second one changes nothing', {
      timeout: 300_000,
    }, async () => {
      const truth = await contents(stage.db)
      const asked = stage.simulator.stats().requests
      await damage(stage.db)
      const damaged = await contents(stage.db)
      for (const table of ['products', 'syncs', 'data', 'prices', 'history'])
        expect(damaged[table], table).not.toEqual(truth[table])

      const dry = await replay('catalog.sync-results', '--dry-run')
      expect(differences(damaged, await contents(stage.db))).toEqual([])
      const done = await replay('catalog.sync-results', '--yes')
      expect({ ...done, seconds: 0 }).toEqual({ ...dry, dryRun: false, seconds: 0 })
      expect(changed(done)).toBeGreaterThan(PRODUCTS / 3)
      expect(changed(await replay('catalog.sync-results', '--yes'))).toBe(0)

      const dryPrices = await replay('offers.results', '--dry-run')
      const prices = await replay('offers.results', '--yes')
      expect(changed(prices)).toBeGreaterThan(PRODUCTS / 10)
      expect(prices.rows.pricesAdded).toBe(dryPrices.rows.pricesAdded)
      expect(prices.rows.pricesChanged).toBe(dryPrices.rows.pricesChanged)
      expect(changed(await replay('offers.results', '--yes'))).toBe(0)

      expect(differences(truth, await contents(stage.db))).toEqual([])
      expect(stage.simulator.stats().requests).toEqual(asked)
    })
  })
}
