import { expect, it } from 'vitest'
import { keepNewest } from './keep-newest.ts'

it('forgets what was noted first, and nothing while there is room', () => {
  const map = new Map([1, 2, 3, 4].map((key) => [key, key]))
  keepNewest(map, 4)
  expect([...map.keys()]).toEqual([1, 2, 3, 4])
  keepNewest(map, 2)
  expect([...map.keys()]).toEqual([3, 4])
})
