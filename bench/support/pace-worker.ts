/** The process behind `watchPace`. */
import type { Pace } from './pace.ts'

const EVERY_MS = 250
const WARM_UP_UNITS = 60

const items = Array.from({ length: 400 }, (_, index) => ({
  asin: `B0${index.toString(36).padStart(8, '0')}`,
  identifiers: [{ type: 'UPC', value: String(10 ** 11 + index * 7_919) }],
  attributes: { title: `Item ${index} of some words and a number`, rank: index * 31 },
}))
const text = JSON.stringify(items)

/** What the services do most: text to objects, objects by key, text and bytes again. */
function unit(): number {
  const byCode = new Map<string, number>()
  for (let round = 0; round < 4; round++) {
    for (const [index, item] of (JSON.parse(text) as typeof items).entries())
      byCode.set(item.identifiers[0]!.value + round, index)
  }
  const bytes = Buffer.from(JSON.stringify([...byCode]))
  let sum = 0
  for (const byte of bytes) sum = (sum * 31 + byte) | 0
  return sum
}

function timed(): number {
  const before = process.cpuUsage()
  unit()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

for (let done = 0; done < WARM_UP_UNITS; done++) unit()
const took: number[] = []
const timer = setInterval(() => took.push(timed()), EVERY_MS)
process.on('message', () => {
  clearInterval(timer)
  if (took.length === 0) took.push(timed())
  took.sort((a, b) => a - b)
  const pace: Pace = { unitMicroseconds: took[Math.floor(took.length / 2)]!, units: took.length }
  process.send!(pace, () => process.disconnect())
})
process.on('disconnect', () => process.exit())
process.send!('warm')
