/** What operations share for the life of a simulator: catalogue, clock, and whatever state they make themselves. */

import { Catalogue } from './catalogue/catalogue.ts'
import type { Lwa } from './lwa.ts'
import type { World } from './operations/operation.ts'
import type { SimulatorOptions } from './options.ts'

export function createWorld(options: SimulatorOptions, lwa: Lwa): World {
  const parts = new Map<(world: World) => object, object>()
  const start = { ms: options.now(), date: Date.now() }
  const world: World = {
    options,
    lwa,
    catalogue: new Catalogue(options),
    now: () => options.now(),
    date: () => new Date(start.date + options.now() - start.ms),
    part<T extends object>(make: (world: World) => T): T {
      let part = parts.get(make) as T | undefined
      if (part === undefined) {
        part = make(world)
        parts.set(make, part)
      }
      return part
    },
  }
  return world
}
