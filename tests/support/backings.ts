/** The real servers that integration suites can ask for. */
export const BACKINGS = ['postgres', 'redis', 'registry', 'kafka'] as const

export type Backing = (typeof BACKINGS)[number]

/** Where each one is, or why it could not be had. */
export type Backings = Record<string, { url: string } | { missing: string }>

declare module 'vitest' {
  export interface ProvidedContext {
    backings: Backings
    /** A folder of this run, removed after it. */
    scratch: string
  }
}
