import { Cron } from 'croner'
import { z } from 'zod'
import { parseDuration } from './duration.ts'
import { readSellersFile, type SellerEntry } from './sellers.ts'

/** What variables may be: each reads a text of the environment, or says what is wrong with it. */

export const text = () => z.string().min(1, 'must not be empty')

export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be from ${min} to ${max}`)

export const duration = () =>
  z.string().transform((value, context) => {
    const ms = parseDuration(value)
    if (ms === null) {
      context.addIssue({ code: 'custom', message: 'must be a duration such as 500ms, 30s, 15m, 24h or 7d' })
      return z.NEVER
    }
    return ms
  })

/** A duration; a number alone is seconds, as other services have it. */
export const seconds = () =>
  z
    .string()
    .transform((value) => (/^\d+(\.\d+)?$/.test(value) ? `${value}s` : value))
    .pipe(duration())

/** What other services call our levels. */
const levelNames: Readonly<Record<string, string>> = { warning: 'warn', critical: 'fatal' }

export const level = () =>
  z
    .string()
    .transform((value) => levelNames[value.toLowerCase()] ?? value.toLowerCase())
    .pipe(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']))

export const url = (...protocols: readonly string[]) =>
  z.string().refine(
    (value) => {
      const parsed = URL.parse(value)
      return parsed !== null && protocols.includes(parsed.protocol)
    },
    `must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  )

export const list = () =>
  z.string().transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )

/** What a reader makes of the value; its problem otherwise. */
export const read = <T extends object>(reader: (value: string) => T | { readonly problem: string }) =>
  z.string().transform((value, context): T => {
    const found = reader(value)
    if (!('problem' in found)) return found
    context.addIssue({ code: 'custom', message: found.problem })
    return z.NEVER
  })

/** A file of sellers as it was when the process started. */
export function sellersFile(
  path: string,
): { path: string; sellers: SellerEntry[] } | { readonly problem: string } {
  const sellers = readSellersFile(path)
  return 'problem' in sellers ? sellers : { path, sellers }
}

export const isAddress = (text: string): boolean => {
  const port = Number(/^.+:(\d{1,5})$/.exec(text)?.[1])
  return port >= 1 && port <= 65_535
}

/** As browsers write an origin: scheme, host and port alone. */
export const isOrigin = (text: string): boolean => {
  const parsed = URL.parse(text)
  return parsed !== null && ['http:', 'https:'].includes(parsed.protocol) && parsed.origin === text
}

export const schedule = () =>
  z.string().refine((value) => {
    if (value === 'off') return true
    try {
      new Cron(value, { paused: true }).stop()
      return true
    } catch {
      return false
    }
  }, 'must be a cron expression of five fields, such as "0 3 * * *", or off')
