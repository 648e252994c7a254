import { describe, expect, test, vi } from 'vitest'
import { Assignment, Watchdog } from './kafka-assignment.ts'

describe('an assignment', () => {
  test('is open from the join to the revocation', () => {
    const assignment = new Assignment()
    expect(assignment.open).toBeUndefined()
    assignment.joined()
    const revoked = assignment.open
    expect(revoked?.aborted).toBe(false)
    expect(assignment.revoke()).toBe(true)
    expect(revoked?.aborted).toBe(true)
    expect(assignment.open).toBeUndefined()
    expect(assignment.revoke()).toBe(false)
  })

  test('a join revokes the generation before it', () => {
    const assignment = new Assignment()
    assignment.joined()
    const first = assignment.open
    assignment.joined()
    expect(first?.aborted).toBe(true)
    expect(assignment.open?.aborted).toBe(false)
  })

  test('stays shut until every broker has begun a fetch after the join', () => {
    const assignment = new Assignment()
    assignment.fetchStarted('1')
    assignment.fetchStarted('2')
    assignment.joined() // from inside the fetcher of broker 1; broker 2 still answers an old fetch
    expect(assignment.open).toBeUndefined()
    assignment.fetchStarted('1')
    expect(assignment.open).toBeUndefined()
    expect(assignment.waitsForOldFetches).toBe(true)
    assignment.fetchStarted('2')
    expect(assignment.open).toBeDefined()
    expect(assignment.waitsForOldFetches).toBe(false)
  })

  test('waits for no broker after all fetchers have stopped', () => {
    const assignment = new Assignment()
    assignment.fetchStarted('1')
    assignment.fetchersStopped()
    assignment.joined()
    expect(assignment.open).toBeDefined()
  })
})

describe('the watchdog', () => {
  test('barks once, after as many ticks without a sign of life as it was given', () => {
    const bark = vi.fn()
    const watchdog = new Watchdog(3, bark)
    watchdog.tick()
    watchdog.tick()
    watchdog.alive()
    watchdog.tick()
    watchdog.tick()
    expect(bark).not.toHaveBeenCalled()
    watchdog.tick()
    watchdog.tick()
    expect(bark).toHaveBeenCalledTimes(1)
  })

  test('grants a join the ticks it may take', () => {
    const bark = vi.fn()
    const watchdog = new Watchdog(2, bark)
    watchdog.alive(3)
    for (let tick = 0; tick < 4; tick++) watchdog.tick()
    expect(bark).not.toHaveBeenCalled()
    watchdog.tick()
    expect(bark).toHaveBeenCalledTimes(1)
  })
})
