/** The generated operations against Amazon's models, which lie beside the repository where they may be used. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readAnswer } from '../operations/answer.ts'
import type { Operation } from '../operations/operation.ts'
import { apis } from './apis.ts'
import { driftedFiles } from './generate-operations.ts'
import { publishedPlan, readModel } from './swagger.ts'

const models = join(import.meta.dirname, '../../../../shared/sp-api/models')
const present = existsSync(models)
if (!present) process.stderr.write(`${import.meta.filename}: SKIPPED, Amazon's models are not at ../shared\n`)

it.each([
  ['| Rate (requests per second) | Burst |\n| ---- | ---- |\n| 0.0056 | 20 |', 0.0056, 20],
  ['|Plan type|Rate|Burst|\n| ---- | ---- | ---- |\n|Default| 5 | 10 |', 5, 10],
  ['| .5 | 15 |', 0.5, 15],
  ['\\n| ---- | ---- |\\n| 2.0 | 6 |', 2, 6],
])('reads the usage plan of %j', (description, ratePerSecond, burst) => {
  expect(publishedPlan(description)).toEqual({ ratePerSecond, burst })
})

it('knows when Amazon publishes no plan', () => {
  expect(publishedPlan('| Rate | Burst |\n| ---- | ---- |\n| n | n |')).toBeNull()
})

describe.skipIf(!present)("Amazon's models", () => {
  it('say what the generated files hold', () => {
    expect(driftedFiles(models)).toEqual([])
  })

  it.each(apis.map(({ model, name }) => [name, model] as const))(
    '%s: reads every sandbox answer',
    async (name, file) => {
      const operations: Record<string, Operation<unknown, unknown>> = await import(
        `../operations/generated/${name}.ts`
      )
      let read = 0
      for (const { operationId, sandboxOnly, responses } of readModel(models, file).operations) {
        if (sandboxOnly) continue
        const operation = operations[operationId]
        expect(operation, operationId).toBeDefined()
        for (const answer of sandboxAnswers(responses)) {
          expect(() => readAnswer(operation!, answer), operationId).not.toThrow()
          read++
        }
      }
      expect(read).toBeGreaterThanOrEqual(ANSWERLESS.has(name) ? 0 : 1)
    },
  )

  it('say the rates that are kept apart from them', () => {
    const ops: { model: string; operationId: string; rate: number | null; burst: number | null }[] =
      JSON.parse(readFileSync(join(models, '../ops.json'), 'utf8'))
    for (const { model } of apis)
      for (const { operationId, description } of readModel(models, model).operations) {
        const plan = ops.find((op) => op.model === model && op.operationId === operationId)
        expect([operationId, publishedPlan(description)?.ratePerSecond ?? null]).toEqual([
          operationId,
          plan?.rate,
        ])
      }
  })
})

/** Their operations answer without a body, or dynamically. */
const ANSWERLESS = new Set(['application-2023-11-30', 'fba-inventory-v1'])

interface SandboxCase {
  readonly response?: unknown
}

function sandboxAnswers(responses: Readonly<Record<string, Readonly<Record<string, unknown>>>>): unknown[] {
  return Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, response]) => {
      const sandbox = response['x-amzn-api-sandbox'] as { static?: SandboxCase[] } | undefined
      return (sandbox?.static ?? []).flatMap((one) => (one.response === undefined ? [] : [one.response]))
    })
}
