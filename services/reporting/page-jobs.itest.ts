import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { expandNextJob } from '#libs/db/job-expansion.ts'
import { giveBackJobs } from '#libs/db/job-holding.ts'
import { endJobs, recordProgress } from '#libs/db/job-progress.ts'
import { addProducts } from '#libs/db/testing.ts'
import { waitFor } from '#tests/support/backing.ts'
import { type BesideAmazon, startBesideAmazon } from './test-amazon.ts'
import { axe, describeInBrowser, type OpenPage, settled, sidewaysScroll } from './test-browser.ts'
import type { TestReporting } from './testing.ts'

describeInBrowser('syncs, keys and health on the dashboard', ({ newPage }) => {
  let stage: BesideAmazon
  let api: TestReporting
  let opened: OpenPage

  beforeAll(async () => {
    stage = await startBesideAmazon({ countries: ['US', 'CA'] })
    api = stage.api
  })
  afterAll(() => stage?.close())
  beforeEach(async () => {
    await api.db.query('delete from products')
    await api.db.query('delete from sync_jobs')
    opened = await newPage(api.origin)
  })

  /** As product-change takes products in, and as the persister gives them outcomes. */
  const expand = async () => {
    while (await expandNextJob(api.db, 1_000)) {}
    await recordProgress(api.db, () => 40)
  }
  const settle = async (state: string, skus: readonly string[], countryCode?: string) => {
    await api.db.query(
      `update product_syncs set state = $1, synced_at = now(), last_reason = 'as the test has it'
        where state in ('pending', 'queued') and product_id in (select id from products where sku = any ($2))
          and ($3::text is null or marketplace_id = (select marketplace_id from marketplaces where country_code = $3))`,
      [state, skus, countryCode ?? null],
    )
    await recordProgress(api.db, () => 40)
  }

  it('starts a sync of some products after saying what it takes, and follows it to its end', async () => {
    await addProducts(api.db, 4, { supplier: 'Acme' })
    const { page } = opened
    await page.goto(`${api.origin}/ui/jobs`)
    await page.getByRole('button', { name: 'New sync' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'New sync' })
    await dialog.getByLabel('Supplier').fill('Acme')
    await dialog.getByLabel('US', { exact: true }).check()
    await dialog.getByRole('button', { name: 'What would it take?' }).click()
    await dialog.getByText('1 request to Amazon').waitFor()
    expect(await api.db.query('select 1 from sync_jobs')).toEqual([])
    await dialog.getByRole('button', { name: 'Start' }).click()
    await page.getByRole('heading', { level: 1, name: /^Sync [0-9a-f]{8}$/ }).waitFor()
    const [job] = await api.db.query<{ id: string; filter: object; marketplaces: string[] }>(
      'select id, filter, marketplaces from sync_jobs',
    )
    expect(job).toMatchObject({ filter: { supplier: ['Acme'] }, marketplaces: ['ATVPDKIKX0DER'] })
    expect(new URL(page.url()).pathname).toBe(`/ui/jobs/${job!.id}`)
    await page.getByText('Supplier: Acme').first().waitFor()

    await expand()
    await settle('success', ['S1', 'S2', 'S3'])
    await page.getByText('3 of 4 have their outcome').first().waitFor()
    await settle('error', ['S4'])
    await endJobs(api.db)
    await page.getByText('Complete: 3 success, 1 error').first().waitFor()
    // All that happened is there, and what can be done now.
    await page.getByRole('button', { name: 'Retry what failed' }).waitFor()
    const events = page.getByRole('table', { name: 'Events' })
    await events.getByText('Waiting for its turn').waitFor()
    await events.getByText('Complete: 3 success, 1 error').waitFor()
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0)

    await page.getByRole('button', { name: 'Retry what failed' }).click()
    const retry = page.getByRole('dialog', { name: 'Retry what failed' })
    await retry.getByRole('button', { name: 'Retry', exact: true }).click()
    const again = await waitFor(
      async () =>
        (await api.db.query<{ id: string }>('select id from sync_jobs where retry_of = $1', [job!.id]))[0],
      { what: 'the sync of what failed' },
    )
    await page.getByRole('heading', { level: 1, name: `Sync ${again.id.slice(0, 8)}` }).waitFor()
    // It leads back to the one that it retries.
    await page.getByRole('link', { name: `Sync ${job!.id.slice(0, 8)}` }).waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('goes on asking where events do not come through', async () => {
    await addProducts(api.db, 2)
    const { body } = await api.ask('/api/sync/force', { method: 'POST' })
    const { page } = opened
    await page.route('**/api/sse/**', (route) => route.abort())
    await page.goto(`${api.origin}/ui/jobs/${body.syncId}`)
    await page.getByText('Waiting for its turn').first().waitFor()
    await expand()
    await settle('success', ['S1', 'S2'])
    await endJobs(api.db)
    await page.getByText('Complete: 4 success').first().waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('pauses, resumes and cancels by keys, after asking', async () => {
    await addProducts(api.db, 2)
    const { body } = await api.ask('/api/sync/force', { method: 'POST' })
    await expand()
    const { page } = opened
    const state = (name: string) => page.locator('.page-title .pill', { hasText: name })
    await page.goto(`${api.origin}/ui/jobs/${body.syncId}`)
    await state('Running').waitFor()
    await page.keyboard.press('p')
    await state('Paused').waitFor()
    await page.keyboard.press('p')
    await state('Running').waitFor()
    await page.keyboard.press('c')
    const question = page.getByRole('dialog', { name: 'Cancel this sync?' })
    await question.getByRole('button', { name: 'Cancel', exact: true }).click()
    await question.waitFor({ state: 'detached' })
    await page.keyboard.press('c')
    await question.getByRole('button', { name: 'Cancel the sync' }).click()
    await waitFor(
      async () => {
        await giveBackJobs(api.db, 100)
        await endJobs(api.db)
        return (await state('Cancelled').count()) === 1
      },
      { what: 'the sync to be cancelled' },
    )
    expect(opened.complaints).toEqual([])
  })

  it('leads to the sync that is under way when one of the same products is asked for', async () => {
    await addProducts(api.db, 2)
    const { body } = await api.ask('/api/sync/force', { method: 'POST' })
    const { page } = opened
    await page.goto(`${api.origin}/ui/jobs?new=1`)
    const dialog = page.getByRole('dialog', { name: 'New sync' })
    await dialog.getByRole('button', { name: 'Start' }).click()
    await dialog.getByRole('alert').getByText('some of these products').waitFor()
    await dialog.getByRole('link', { name: 'Go to that sync' }).click()
    await page.getByRole('heading', { level: 1, name: `Sync ${body.syncId.slice(0, 8)}` }).waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('shows in the form which field the server refuses', async () => {
    const { page } = opened
    await page.goto(`${api.origin}/ui/jobs?new=1`)
    const dialog = page.getByRole('dialog', { name: 'New sync' })
    await dialog.getByLabel('Not synced for').fill('yesterday')
    await dialog.getByRole('button', { name: 'What would it take?' }).click()
    await dialog.locator('.field', { hasText: 'Not synced for' }).getByText('must be a duration').waitFor()
    expect(await dialog.getByLabel('Not synced for').getAttribute('aria-invalid')).toBe('true')
  })

  it('filters syncs by the address, goes through pages, and follows what moves', async () => {
    await addProducts(api.db, 1)
    await api.db.query(
      `insert into sync_jobs (state, marketplaces, requested_by, message, finished_at, created_at)
       select case when n % 2 = 0 then 'complete' else 'failed' end, '{ATVPDKIKX0DER}', 'job ' || n, '', now(),
              now() - n * interval '1 minute'
         from generate_series(1, 60) n`,
    )
    const { page } = opened
    const rows = page.getByRole('table', { name: 'Syncs' }).locator('tbody tr')
    await page.goto(`${api.origin}/ui/jobs?status=failed`)
    await settled(page)
    expect(await rows.count()).toBe(25)
    await page.getByText('by job 1', { exact: true }).waitFor()
    expect(await page.getByText('by job 2', { exact: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('by job 59', { exact: true }).waitFor()
    expect(await rows.count()).toBe(5)
    await page.getByRole('button', { name: 'Previous' }).click()
    await page.getByText('by job 1', { exact: true }).waitFor()
    await page.getByLabel('Asked for by').fill('job 4')
    await page.getByText('No sync fits this filter').waitFor()
    expect(new URL(page.url()).search).toBe('?status=failed&requestedBy=job+4')
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByText('by job 2', { exact: true }).waitFor()
    const { body } = await api.ask('/api/sync/force', { method: 'POST' })
    await page.reload()
    await rows
      .filter({ hasText: body.syncId.slice(0, 8) })
      .getByText('Waiting')
      .waitFor()
    await expand()
    await rows
      .filter({ hasText: body.syncId.slice(0, 8) })
      .getByText('Running')
      .waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('makes a key that is shown once, and revokes it', async () => {
    const { page } = opened
    await page.goto(`${api.origin}/ui/settings`)
    await page.getByRole('button', { name: 'New key' }).click()
    const dialog = page.getByRole('dialog', { name: 'New key' })
    await dialog.getByLabel('Name').fill('billing')
    await dialog.getByLabel('sync').check()
    await dialog.getByRole('button', { name: 'Make the key' }).click()
    const made = page.getByRole('dialog', { name: 'Key billing' })
    const key = (await made.locator('pre').textContent()) ?? ''
    expect(key).toMatch(/^asin_/)
    const [known] = (await api.ask('/api/keys')).body.items
    expect(known).toMatchObject({
      name: 'billing',
      scopes: ['read', 'sync'],
      prefix: key.slice(0, known.prefix.length),
    })
    await made.getByRole('button', { name: 'I have kept it' }).click()
    const row = page.getByRole('table', { name: 'API keys' }).locator('tr', { hasText: 'billing' })
    await row.getByText('Valid').waitFor()
    expect(await page.content()).not.toContain(key)
    await row.getByRole('button', { name: 'Revoke billing' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
    await row.getByText('Revoked').waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('shows the configuration with its secrets masked, and finds a variable', async () => {
    const { page } = opened
    await page.goto(`${api.origin}/ui/settings`)
    const rows = page.getByRole('table', { name: 'Configuration' }).locator('tbody tr')
    await rows.filter({ hasText: 'SP_API_REFRESH_TOKEN' }).first().getByText('****').waitFor()
    expect(await page.content()).not.toContain('token-of-the-seller')
    await page.getByLabel('Part of a variable’s name').fill('marketpl')
    await waitFor(async () => (await rows.count()) === 1, { what: 'one variable' })
    expect(await rows.first().textContent()).toMatch(/MARKETPLACES.*US.*CA/)
    expect(opened.complaints).toEqual([])
  })

  it('keeps to axe with a sync and its dialogs, in both themes and on a phone', async () => {
    await addProducts(api.db, 3)
    const { body } = await api.ask('/api/sync/force', { method: 'POST' })
    await expand()
    await settle('error', ['S1', 'S2'])
    await settle('ambiguous', ['S3'])
    await endJobs(api.db)
    const { page } = opened
    await page.goto(`${api.origin}/ui/jobs/${body.syncId}`)
    await page.getByRole('button', { name: 'Retry what failed' }).waitFor()
    await settled(page)
    for (const look of [
      { width: 1440, colorScheme: 'light' },
      { width: 360, colorScheme: 'dark' },
    ] as const) {
      await page.setViewportSize({ width: look.width, height: 800 })
      await page.emulateMedia({ colorScheme: look.colorScheme })
      expect(await axe(page)).toEqual([])
      expect(await sidewaysScroll(page)).toBe(0)
      await page.getByRole('button', { name: 'Retry what failed' }).click()
      expect(await axe(page)).toEqual([])
      await page.keyboard.press('Escape')
    }
    expect(opened.complaints).toEqual([])
  })
})
