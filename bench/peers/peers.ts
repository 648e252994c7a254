import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { generateProducts, type ProductRow } from '#simulator/catalogue/generate-products.ts'
import { sellerName } from '#simulator/lwa.ts'
import { spawnSimulator } from '#tests/support/simulator-process.ts'
import { benchCommand } from '../support/command.ts'
import { defineSection, type Row } from '../support/section.ts'
import { startTlsFront } from './tls-front.ts'

const run = promisify(execFile)
const SIZES = [1, 20]
const CLIENTS = ['asinstream', 'amazon-sp-api', 'python-amazon-sp-api'] as const
type Client = (typeof CLIENTS)[number]

interface Line {
  readonly at: number
  readonly from: number
  readonly asins?: readonly (string | null)[]
  readonly count?: number
  readonly error?: string
}

/** Both packages as their registries have them today, in a folder that is removed afterwards. */
async function install(folder: string): Promise<Record<Client, string>> {
  const here = import.meta.dirname
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--no-audit', '--no-fund', 'amazon-sp-api', 'hpagent'], { cwd: folder })
  copyFileSync(join(here, 'amazon-sp-api.mjs'), join(folder, 'amazon-sp-api.mjs'))
  await run('python3', ['-m', 'venv', join(folder, 'python')])
  const python = join(folder, 'python', 'bin', 'python')
  await run(python, ['-m', 'pip', 'install', '--quiet', 'python-amazon-sp-api'])
  const { stdout } = await run('npm', ['ls', '--json', '--depth', '0'], { cwd: folder })
  const npm = JSON.parse(stdout).dependencies['amazon-sp-api'].version as string
  const shown = await run(python, ['-m', 'pip', 'show', 'python-amazon-sp-api'])
  const pypi = /^Version: (.*)$/m.exec(shown.stdout)?.[1] ?? '?'
  return { asinstream: '–', 'amazon-sp-api': npm, 'python-amazon-sp-api': pypi }
}

function commandOf(client: Client, folder: string, settings: string): readonly [string, ...string[]] {
  if (client === 'asinstream') return [process.execPath, join(import.meta.dirname, 'ours.ts'), settings]
  if (client === 'amazon-sp-api') return [process.execPath, join(folder, 'amazon-sp-api.mjs'), settings]
  const script = resolve(import.meta.dirname, 'python_amazon_sp_api.py')
  return [join(folder, 'python', 'bin', 'python'), script, settings]
}

/** What a client said of each call until its time was over; one that is still repeating then is ended. */
async function linesOf(
  command: readonly [string, ...string[]],
  certificate: string,
  seconds: number,
): Promise<Line[]> {
  const [program, ...args] = command
  const child = spawn(program, args, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGTERM'), (seconds + 3) * 1000)
  const lines: Line[] = []
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line) as Line)
  await exited
  clearTimeout(timer)
  return lines
}

/** Products with the right answer, with a wrong one, and those of calls that failed. */
function compare(lines: readonly Line[], products: readonly ProductRow[]) {
  let [right, wrong, lost] = [0, 0, 0]
  for (const { from, asins, count = 0 } of lines) {
    lost += asins ? 0 : count
    for (const [index, asin] of (asins ?? []).entries())
      if (asin === products[from + index]!.expectedAsin) right++
      else wrong++
  }
  return { right, wrong, lost }
}

export const peers = defineSection({
  name: 'peers',
  title: 'The same products through other libraries',
  about:
    'Our connector, the npm package amazon-sp-api and the PyPI package python-amazon-sp-api, installed as the registries ' +
    'have them and used as their documentation says, all at the same time against one simulator, each as a seller of its ' +
    "own with Amazon's plan for searchCatalogItems. The list is one as they are: some codes are damaged. All go through the " +
    'same TLS in front of the simulator. Lost: products of calls that ended in an error. Wrong: another answer than the ' +
    "simulator's seed, which for a code that can be repaired is the ASIN of the repaired one.",
  options: {
    seconds: { full: 90, quick: 8, help: 'how long all of them work' },
    rate: { full: 2, quick: 2, help: 'requests a second' },
    burst: { full: 2, quick: 2, help: 'requests at once' },
    latency: { full: '50-200', quick: '50-200', help: "Amazon's time, in milliseconds" },
    damaged: { full: 0.01, quick: 0.01, help: 'share of products with a damaged code' },
  },
  async run({ options, folder, say }) {
    const { seconds, rate, burst, latency, damaged } = options
    const versions = await install(folder)
    say('the packages are installed')
    const simulator = await spawnSimulator({ rate, burst, latency })
    const front = await startTlsFront(simulator.url, folder)
    const products = [
      ...generateProducts({ seed: 1, damaged, count: Math.ceil((seconds * rate + burst) * 20 * 2) }),
    ]
    const upcs = products.map(({ upc }) => upc)
    try {
      const started = Date.now()
      const runs = CLIENTS.flatMap((client) =>
        SIZES.map(async (size) => {
          const refreshToken = `${client}-${size}`
          const settings = join(folder, `${refreshToken}.json`)
          const { url, proxy, certificate } = front
          writeFileSync(
            settings,
            JSON.stringify({ upcs, size, seconds, url, proxy, certificate, refreshToken }),
          )
          const lines = await linesOf(commandOf(client, folder, settings), certificate, seconds)
          return { client, size, refreshToken, lines }
        }),
      )
      const done = await Promise.all(runs)
      const { quota } = await simulator.stats()
      say('all have ended')
      const rows = done.map(({ client, size, refreshToken, lines }): Row => {
        const { right, wrong, lost } = compare(lines, products)
        const use = quota.find(({ seller }) => seller === sellerName(refreshToken))
        if (!use) throw new Error(`the simulator saw no call of ${refreshToken}`)
        const minutes = (Math.max(...lines.map(({ at }) => at)) - started) / 60_000
        return {
          client,
          version: versions[client],
          'codes a call': size,
          'products a minute': Math.round(right / minutes),
          '429s': use.throttled,
          'quota used, %': Math.round((1000 * use.used) / use.available) / 10,
          lost,
          wrong,
        }
      })
      const errors = new Map<string, number>()
      for (const { client, lines } of done)
        for (const { error } of lines)
          if (error !== undefined) {
            const said = `${client}: ${error.replace(/\s+/g, ' ').slice(0, 140)}`
            errors.set(said, (errors.get(said) ?? 0) + 1)
          }
      const findings = rows.filter(
        (row) => row.client === 'asinstream' && (row['429s'] || row.lost || row.wrong),
      )
      return {
        tables: [{ rows, key: ['client', 'codes a call'] }],
        notes: [...errors].slice(0, 6).map(([said, times]) => `${times} × ${said}`),
        findings: findings.map((row) => `asinstream: ${JSON.stringify(row)}`),
      }
    } finally {
      await front.close()
      await simulator.stop()
    }
  },
})

if (import.meta.main) await benchCommand([peers])
