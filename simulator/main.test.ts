import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseCommand } from './arguments.ts'
import { generateProducts } from './catalogue/generate-products.ts'

const main = join(import.meta.dirname, 'main.ts')
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [main, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({
      code: code as number,
      stdout: stdout as string,
      stderr: stderr as string,
    }),
  )

describe('arguments', () => {
  it('become options', () => {
    const args =
      '--plan getItemOffersBatch=2.5/5,getPricing=10 --port 9000 --rate 0.5 --burst 3 --latency 50-200 --faults 429=0.01,reset=.5 --no-rate-header'
    expect(parseCommand(args.split(' '))).toEqual({
      name: 'serve',
      options: {
        port: 9000,
        rate: 0.5,
        burst: 3,
        plans: { getItemOffersBatch: { rate: 2.5, burst: 5 }, getPricing: { rate: 10 } },
        latencyMs: [50, 200],
        faults: { 429: 0.01, reset: 0.5 },
        rateHeader: false,
      },
    })
  })

  it.each([
    ['--port abc', '--port must be a number, not "abc".'],
    ['--port 70000', '--port must be a number from 0 to 65535, not 70000.'],
    ['--rate 0', '--rate must be a number from'],
    ['--burst 1.5', '--burst must be a whole number, not 1.5.'],
    ['--plan getPricing', '--plan must be operations with rates'],
    ['--latency fast', '--latency must be milliseconds such as 50'],
    ['--latency 200-50', '--latency must be a number from 200'],
    ['--faults flood=1', '"flood" is not a fault; there are'],
    ['--faults 500', '--faults must be kinds with shares'],
    ['--faults 500=2', 'the share of 500 must be from 0 to 1, not 2.'],
    ['--asins-per-upc 0.5', '--asins-per-upc must be a number from 1 to 60'],
    ['--not-found 1.5', '--not-found must be a number from 0 to 1'],
    ['--listings 0.5', '--listings must be a whole number'],
    ['--orders-per-day 0', '--orders-per-day must be a number from'],
    ['--client-id x', '--client-id and --client-secret go together'],
    ['--nonsense', "Unknown option '--nonsense'. See --help."],
    ['products', 'There is no command "products"; there is "catalogue"'],
    ['catalogue', '--count must be given'],
    ['catalogue --count 5 --damaged 0.7 --duplicates 0.7', 'must not be more than 1 together'],
    ['catalogue --count 5 --marketplace US', '--marketplace must be one of'],
  ])('%s is refused', (args, message) => {
    expect(() => parseCommand(args.split(' '))).toThrow(message)
  })
})

describe('the program', () => {
  it('explains itself, and says what is wrong with exit code 2', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--app-rate N'),
      stderr: '',
    })
    expect(await run('--plan', 'getNothing=1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--plan: getNothing has no usage plan; there are searchCatalogItems'),
    })
    expect(await run('--rate', 'fast')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'simulator: --rate must be a number, not "fast".\n',
    })
  })

  it('serves until it is told to stop', async () => {
    const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line.toString())?.[0]
    expect((await fetch(`${url}/_simulator/stats`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('says so when the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    expect(await run('--port', String(port))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('choose another with --port'),
    })
  })

  it('prints a catalogue that the server knows', async () => {
    const { stdout } = await run(...'catalogue --count 500 --seed 7 --damaged 0.2 --expected'.split(' '))
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toBe('sku,upc,title,brand,supplier,category,pack_quantity,expected')
    const rows = [...generateProducts({ count: 500, seed: 7, damaged: 0.2 })]
    expect(lines.slice(1).map((line) => line.split(',')[1])).toEqual(rows.map(({ upc }) => upc))
  })
})
