import { describe, expect, it } from 'vitest'
import { Circuit, defaultCircuit, type Permit } from './circuit.ts'
import { testClock } from './test-support.ts'

function setup() {
  const clock = testClock()
  const circuit = new Circuit(clock, defaultCircuit)
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) enter().failed()
  }
  const enter = (): Permit => {
    const permit = circuit.enter()
    if (permit === null) throw new Error('the circuit is open')
    return permit
  }
  return { clock, circuit, fail, enter }
}

describe('a circuit', () => {
  it('opens after failures in a row, which a success interrupts', () => {
    const { circuit, fail, enter } = setup()
    fail(4)
    enter().succeeded()
    fail(4)
    expect(circuit.isOpen).toBe(false)
    fail(1)
    expect(circuit.isOpen).toBe(true)
    expect(circuit.enter()).toBeNull()
  })

  it('lets one request pass when the pause is over, and closes when that succeeds', () => {
    const { circuit, clock, fail, enter } = setup()
    fail(5)
    clock.advance(circuit.waitMs)
    const probe = enter()
    expect(circuit.enter()).toBeNull()
    probe.succeeded()
    expect(circuit.isOpen).toBe(false)
    enter()
    enter()
  })

  it('asks ever more rarely, but never less than once in the longest pause', () => {
    const { circuit, clock, fail } = setup()
    fail(5)
    const pauses: number[] = []
    for (let i = 0; i < 8; i++) {
      pauses.push(circuit.waitMs)
      clock.advance(circuit.waitMs)
      fail(1)
    }
    // Chance is one half here: three quarters of each ceiling.
    expect(pauses).toEqual([750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500, 22_500])
  })

  it('does not take the failures of requests that were under way for those of probes', () => {
    const { circuit, enter } = setup()
    const underWay = Array.from({ length: 20 }, enter)
    for (const permit of underWay) permit.failed()
    expect(circuit.waitMs).toBe(750)
  })

  it('goes by a longer pause that was asked for', () => {
    const { circuit, fail, enter } = setup()
    fail(4)
    enter().failed(40_000)
    expect(circuit.waitMs).toBe(40_000)
  })

  it('lets another probe pass when one was not sent', async () => {
    const { circuit, clock, fail, enter } = setup()
    fail(5)
    clock.advance(circuit.waitMs)
    const probe = enter()
    const { change } = circuit
    probe.unused()
    await change
    probe.failed()
    enter().succeeded()
    expect(circuit.isOpen).toBe(false)
  })
})
