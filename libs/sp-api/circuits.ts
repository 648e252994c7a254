import { Circuit, type CircuitOptions } from './circuit.ts'
import type { Clock } from './clock.ts'
import type { OperationKey } from './usage-plans.ts'

export interface CircuitsOptions {
  readonly clock: Clock
  readonly circuit: CircuitOptions
  /** Of the account as a whole: the first of its hosts went out of order, or the last one is in order again. */
  readonly onChange: (open: boolean) => void
}

/** Both say whether Amazon answers this account at all. */
const ACCOUNT: ReadonlySet<OperationKey> = new Set(['searchCatalogItems', 'getMarketplaceParticipations'])

/** A circuit for each host and operation: one that is out of order does not stop the others. */
export class Circuits {
  readonly #options: CircuitsOptions
  readonly #circuits = new Map<string, Circuit>()
  #open = 0

  constructor(options: CircuitsOptions) {
    this.#options = options
  }

  of(host: string, operation: OperationKey): Circuit {
    const isAccount = ACCOUNT.has(operation)
    const key = `${host} ${isAccount ? '' : operation}`
    let circuit = this.#circuits.get(key)
    if (circuit === undefined) {
      const { clock, circuit: options } = this.#options
      circuit = new Circuit(clock, options, isAccount ? (open) => this.#accountChanged(open) : undefined)
      this.#circuits.set(key, circuit)
    }
    return circuit
  }

  /** Whether a host answers the account. */
  account(host: string): Circuit {
    return this.of(host, 'searchCatalogItems')
  }

  #accountChanged(open: boolean): void {
    const before = this.#open
    this.#open += open ? 1 : -1
    if (before === 0 || this.#open === 0) this.#options.onChange(open)
  }
}
