import { documents } from './documents.ts'
import { eventLog } from './event-log.ts'
import { growth } from './growth.ts'
import { identifiers } from './identifiers.ts'
import { imports } from './import.ts'
import { jobs } from './jobs.ts'
import { offers } from './offers.ts'
import { peers } from './peers/peers.ts'
import { pipeline } from './pipeline.ts'
import { poison } from './poison.ts'
import { quotaMatrix } from './quota-matrix.ts'
import { replay } from './replay.ts'
import { store } from './store.ts'
import { storeGrowth } from './store-growth.ts'
import type { AnySection } from './support/command.ts'
import { urgent } from './urgent.ts'

/** Every measurement, in the order in which they run and in which `docs/performance.md` has them. */
export const sections: readonly AnySection[] = [
  pipeline,
  growth,
  identifiers,
  imports,
  jobs,
  replay,
  offers,
  documents,
  eventLog,
  poison,
  quotaMatrix,
  urgent,
  peers,
  store,
  storeGrowth,
]
