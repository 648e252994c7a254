import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { checkDigit } from '#simulator/catalogue/gtin.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import { SUPPLIER } from './catalogue.ts'
import type { TourDocument } from './document.ts'

export interface Visitor {
  readonly page: Page
  readonly origin: string
  /** The CSV that is imported. */
  readonly file: string
  /** Where downloads may go. */
  readonly folder: string
  readonly document: TourDocument
  /** What asinstream has printed so far. */
  readonly output: () => string
}

interface Listed<T> {
  readonly items: readonly T[]
}
interface InvalidCode {
  readonly productId: string
  readonly sku: string
  readonly upc: string
  readonly proposals: readonly { readonly upc: string }[]
}
interface Product {
  readonly id: string
  readonly sku: string
  readonly upc: string | null
  readonly syncStatus: string
}

const run = promisify(execFile)
const PATIENCE_MS = 120_000
const OF_SUPPLIER = `supplier=${encodeURIComponent(SUPPLIER)}`

/** Everything that a newcomer does, one after the other; throws when a step does not bring about what it is to. */
export async function walk(visitor: Visitor): Promise<void> {
  const { text } = visitor.document
  text('# The tour')
  text(
    'Ten minutes from a fresh clone to an exported catalogue, with nothing but Node.js. This page is written by ' +
      '`npm run docs:tour`, which walks these steps in a real browser and checks what each of them brings about; the times ' +
      'are those of the machine, on two shared cores, without `npm ci` (17 s from a warm cache).',
  )
  await start(visitor)
  await importFile(visitor)
  const mended = await mendCodes(visitor)
  const accepted = await acceptMatch(visitor)
  await lookUp(visitor, accepted)
  await steerSyncs(visitor, accepted)
  await exportResult(visitor, mended)
}

async function start({ page, origin, document, output }: Visitor): Promise<void> {
  document.step('Start')
  const said = output()
    .split('\n')
    .slice(0, 20)
    .join('\n')
    .replaceAll(origin, 'http://127.0.0.1:8080')
    .replaceAll(/\S*asinstream-tour-\w+\/data/g, '.asinstream')
    .replaceAll(/(postgres:\/\/asinstream:)[^@]*@[^/]*/g, '$1…')
  document.terminal('npm ci && npm start', said.slice(0, said.indexOf('\n\nThe database was empty')))
  document.text(
    'Amazon is a simulator in the same process, with two thousand sample products, and a sync of them is under way. The ' +
      'address behind `Page` is the dashboard:',
  )
  await page.goto(origin)
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  await waitFor(async () => ((await states(origin)).success ?? 0) > 300, {
    what: 'a sync under way',
    timeoutMs: PATIENCE_MS,
  })
  await document.picture(page, 'overview', 'The overview while the sample catalogue is synced')
}

async function importFile({ page, origin, file, document }: Visitor): Promise<void> {
  document.step('Import a file with damaged codes')
  document.text(
    'Under **Import**, drop [docs/tour/products.csv](tour/products.csv): 400 products as a PIM exports them. One code in ten ' +
      'is damaged: a spreadsheet took its leading zero, made `6.14141E+11` of it, or somebody mistyped a digit.',
  )
  await page.goto(`${origin}/ui/import`)
  await page.locator('input[type=file]').setInputFiles(file)
  await page.locator('[data-import=done]').waitFor({ timeout: PATIENCE_MS })
  await document.picture(page, 'import', 'What became of the lines of the file')
  document.text(
    'They are looked up by themselves, as whatever is new in the table of products: nobody asks for a sync. **Watch the ' +
      'sync** leads back to the overview, which goes on by itself.',
  )
  await page.getByRole('link', { name: 'Watch the sync' }).click()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  await untilFinal(origin)
  await page.getByText('Everything is looked up').waitFor()
  await document.picture(page, 'looked-up', 'Every product has its answer')
}

async function mendCodes({ page, origin, document }: Visitor): Promise<readonly string[]> {
  document.step('Mend two codes')
  document.text(
    'What could be undone without guessing was: the products behind lost zeros are matched already. **Invalid codes** has ' +
      'the others, with what is wrong and what may have been meant.',
  )
  const { items } = await ask<Listed<InvalidCode>>(
    `${origin}/api/review/invalid-codes?${OF_SUPPLIER}&limit=200`,
  )
  const digits = items.filter(({ upc }) => /^\d{12}$/.test(upc))
  const [typed, other] = digits
  if (!typed || !other) throw new Error(`too few mistyped codes among ${items.length} invalid ones`)
  await page.goto(`${origin}/ui/invalid?${OF_SUPPLIER}&repair=proposed`)
  await page.getByText(typed.sku).first().waitFor()
  await document.picture(page, 'invalid', 'Invalid codes, each with its diagnosis')
  document.text(
    'The last digit of these two was mistyped: the box says what it is. A click on a proposal, or **Another code**, and **Save**.',
  )
  for (const { sku, upc } of [typed, other]) {
    const right = `${upc.slice(0, 11)}${checkDigit(upc.slice(0, 11))}`
    const row = page.locator('tr', { hasText: sku })
    const proposal = row.getByRole('button', { name: right })
    if ((await proposal.count()) > 0) await proposal.first().click()
    else {
      await row.getByRole('button', { name: /Another code|Write the code/ }).click()
      await row.getByRole('textbox').fill(right)
      await row.getByRole('button', { name: 'Save' }).click()
    }
    await row.getByText(`Mended: ${right}`).waitFor()
  }
  await document.picture(page, 'mended', 'Two codes are mended')
  const ids = [typed.productId, other.productId]
  for (const id of ids)
    await waitFor(
      async () => !['pending', 'queued', 'invalid'].includes((await product(origin, id)).syncStatus),
      {
        what: `a mended code to be looked up (${id})`,
        timeoutMs: PATIENCE_MS,
      },
    )
  const states = await Promise.all(ids.map(async (id) => (await product(origin, id)).syncStatus))
  document.text(`A second later Amazon has been asked: they are \`${states.join('` and `')}\`.`)
  return ids
}

async function acceptMatch({ page, origin, document }: Visitor): Promise<{ id: string; asin: string }> {
  document.step('Decide what two items share')
  document.text(
    'Some codes are carried by several items of Amazon: the same mug alone and in a pack of two, say. When several fit too ' +
      'well to choose, a person does, under **Review**: ours on the left, the candidates beside it, what speaks for each below. ' +
      '`a` accepts, `r` rejects, `n` is none of them, `u` takes it back.',
  )
  const { items } = await ask<Listed<{ productId: string; sku: string }>>(
    `${origin}/api/review/matches?${OF_SUPPLIER}`,
  )
  const [match] = items
  if (!match) throw new Error('no ambiguous match in the file')
  await page.goto(`${origin}/ui/review?${OF_SUPPLIER}`)
  const accept = page.getByRole('button', { name: /^Accept B0/ }).first()
  await accept.waitFor()
  await document.picture(page, 'review', 'An ambiguous match, side by side')
  const asin = /B0\w{8}/.exec((await accept.textContent()) ?? '')?.[0] ?? ''
  await accept.click()
  const path = `${origin}/api/review/decisions?active=true`
  const decided = await waitFor(
    async () =>
      (await ask<Listed<{ productId: string; asin: string }>>(path)).items.find((one) => one.asin === asin),
    { what: `the decision for ${asin}` },
  )
  await waitFor(async () => (await product(origin, decided.productId)).syncStatus === 'success', {
    what: 'the accepted match',
  })
  document.text(`\`${asin}\` is accepted, and no later sync takes that back.`)
  return { id: decided.productId, asin }
}

async function lookUp(
  { page, origin, document }: Visitor,
  { id, asin }: { id: string; asin: string },
): Promise<void> {
  document.step('Look up an ASIN')
  document.text('From a terminal, or over HTTP; what is known and fresh enough costs no request.')
  const { stdout } = await run(process.execPath, ['cli/asinstream.ts', 'lookup', asin, '--url', origin])
  if (!stdout.includes(asin)) throw new Error(`the lookup does not name ${asin}: ${stdout}`)
  document.terminal(`npm run lookup -- ${asin}`, stdout)
  const { SalesRank, Title, brand, source, observedAt } = await ask<Record<string, unknown>>(
    `${origin}/asin/${asin}`,
  )
  document.terminal(
    `curl -s http://127.0.0.1:8080/asin/${asin} | jq '{Title, SalesRank, brand, source, observedAt}'`,
    JSON.stringify({ Title, SalesRank, brand, source, observedAt }, null, 2),
  )
  document.text('The product has a page of its own, with its candidates, prices, and every attempt:')
  await page.goto(`${origin}/ui/products/${id}`)
  await page.getByText(asin).first().waitFor()
  await document.picture(page, 'product', 'A product: ours, what Amazon has, and why it was chosen')
}

async function steerSyncs(
  { page, origin, document }: Visitor,
  accepted: { id: string; asin: string },
): Promise<void> {
  document.step('Pause, resume and cancel a sync')
  document.text(
    '**New sync** asks Amazon again: here for everything, however fresh. First what it would take:',
  )
  await page.goto(`${origin}/ui/jobs`)
  await page.getByRole('button', { name: 'New sync' }).click()
  await page.getByLabel('Ask for everything, however fresh it is').check()
  await page.getByRole('button', { name: 'What would it take?' }).click()
  await page.getByText(/requests to Amazon/).waitFor()
  await document.picture(page, 'new-sync', 'What a sync would take, before it is started')
  await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click()
  await page.waitForURL(/\/ui\/jobs\/[0-9a-f-]{36}/)
  const id = page.url().split('/').at(-1)!
  await waitFor(async () => (await job(origin, id)).progress >= 20, {
    what: 'a fifth of the sync',
    timeoutMs: PATIENCE_MS,
  })
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Resume' }).waitFor()
  await page.getByText('wait until it is resumed').first().waitFor()
  await document.picture(
    page,
    'paused',
    'A sync that is paused: what is on its way arrives, nothing new is asked',
  )
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  const asked = await job(origin, id)
  await waitFor(async () => (await job(origin, id)).progress > asked.progress, {
    what: 'the resumed sync to go on',
    timeoutMs: PATIENCE_MS,
  })
  document.text(
    'Resumed, it goes on where it was. Cancelled, it stops asking, and gives what it has not asked for its state back:',
  )
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Cancel the sync' }).click()
  await waitFor(async () => (await job(origin, id)).status === 'cancelled', {
    what: 'the cancelled sync',
    timeoutMs: PATIENCE_MS,
  })
  await page.getByText('Cancelled').first().waitFor()
  await document.picture(page, 'cancelled', 'The cancelled sync: what was asked for stays')
  const { pending = 0, queued = 0 } = await states(origin)
  if (pending + queued > 0) throw new Error(`${pending + queued} products wait after the cancellation`)

  document.text('The same for the products of the file alone, from a terminal:')
  const command = ['--supplier', SUPPLIER, '--force', '--wait', '--url', origin]
  const { stdout } = await run(process.execPath, ['cli/asinstream.ts', 'sync', ...command])
  document.terminal(
    `npm run sync -- --supplier "${SUPPLIER}" --force --wait`,
    stdout.split('\n').slice(-4).join('\n'),
  )
  const now = await ask<{ marketData: readonly { asin: string; chosen: boolean }[] }>(
    `${origin}/products/${accepted.id}`,
  )
  if (now.marketData.find(({ chosen }) => chosen)?.asin !== accepted.asin)
    throw new Error('the accepted match did not outlive a sync')
  document.text(`\`${accepted.asin}\` is still the one that was accepted.`)
}

async function exportResult(
  { page, origin, folder, document }: Visitor,
  mended: readonly string[],
): Promise<void> {
  document.step('Take it away')
  document.text(
    '**Exports** has any filtered list as CSV, NDJSON or XLSX; codes stay text, and a formula in a title is one no more.',
  )
  await page.goto(`${origin}/ui/exports?${OF_SUPPLIER}`)
  await page.getByRole('radio', { name: /XLSX/ }).check()
  await document.picture(page, 'export', 'The export of one supplier as a workbook')
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: PATIENCE_MS }),
    page.getByRole('button', { name: 'Download XLSX' }).click(),
  ])
  await download.saveAs(`${folder}/${download.suggestedFilename()}`)
  const rows = (await (await fetch(`${origin}/products/export?format=ndjson&${OF_SUPPLIER}`)).text())
    .trim()
    .split('\n')
  const skus = new Set(rows.map((row) => (JSON.parse(row) as { sku: string }).sku))
  for (const id of mended)
    if (!skus.has((await product(origin, id)).sku))
      throw new Error(`the export lacks the mended product ${id}`)
  document.text(
    `\`${download.suggestedFilename()}\`: ${rows.length} rows. The same from a terminal is \`npm run export -- --supplier "${SUPPLIER}" --format xlsx\`.`,
  )
  document.text(
    'What else there is: the [README](../README.md), and `/docs` on the same server for the whole API.',
  )
}

async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

const product = (origin: string, id: string): Promise<Product> => ask(`${origin}/products/${id}`)
const job = (origin: string, id: string): Promise<{ status: string; progress: number }> =>
  ask(`${origin}/api/sync/status/${id}`)
const states = async (origin: string): Promise<Partial<Record<string, number>>> =>
  (await ask<{ states: Partial<Record<string, number>> }>(`${origin}/marketplace/amazon/sync-status`)).states

async function untilFinal(origin: string): Promise<void> {
  await waitFor(
    async () => {
      const { pending = 0, queued = 0 } = await states(origin)
      return pending + queued === 0
    },
    { what: 'every product to be looked up', timeoutMs: 5 * PATIENCE_MS },
  )
}
