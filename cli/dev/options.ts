/** What `asinstream dev` can be told on its command line; everything else is the environment's. */
export interface DevOptions {
  readonly dataDir: string
  readonly fresh?: true
  readonly port?: number
  /** Requests a second of the simulated Amazon. */
  readonly rate?: number
  /** Size of the sample catalogue. */
  readonly products?: number
}

export const DEFAULT_DATA_DIR = '.asinstream'
export const DEFAULT_PRODUCTS = 2_000
/** The simulator's plan: Amazon's default of 2 a second would let a first try last a minute longer. */
export const DEFAULT_RATE = 5
export const DEFAULT_BURST = 10
