import { expect, it } from 'vitest'
import { watchPace } from './pace.ts'

it('says what a fixed piece of work costs, and ends its process', async () => {
  const end = await watchPace()
  const { unitMicroseconds, units } = await end()
  expect(unitMicroseconds).toBeGreaterThan(0)
  expect(units).toBeGreaterThanOrEqual(1)
})
