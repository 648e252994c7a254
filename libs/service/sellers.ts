import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Config } from './config.ts'

/** One account at Amazon with the application that asks for it. */
export interface SellerAccount {
  /** Shown in logs, metrics and the status; no secret. */
  readonly name: string
  /** Names the seller's token buckets, the same in every process; no secret. */
  readonly bucketKey: string
  readonly clientId: string
  readonly clientSecret: string
  /** The secret before it, while Amazon takes both. */
  readonly previousClientSecret: string | undefined
  readonly refreshToken: string
  /** Ids or country codes; undefined: all of `MARKETPLACES`. */
  readonly marketplaces: readonly string[] | undefined
  /** As `SP_API_USAGE_PLANS`, which it replaces. */
  readonly usagePlans: string | undefined
}

const text = () => z.string('must be a text').min(1, 'must not be empty')

export const SELLER_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/

const sellerSchema = z.strictObject({
  name: z
    .string('must be a text')
    .regex(SELLER_NAME, 'must be 1 to 63 letters, digits, dots, dashes and underscores'),
  refreshToken: text(),
  clientId: text().optional(),
  clientSecret: text().optional(),
  previousClientSecret: text().optional(),
  marketplaces: z.array(text(), 'must be a list').min(1, 'must not be empty').optional(),
  usagePlans: text().optional(),
})
export type SellerEntry = z.output<typeof sellerSchema>

const sellersSchema = z
  .array(sellerSchema, 'must be a list of sellers')
  .min(1, 'must name a seller')
  .superRefine((sellers, context) => {
    for (const [index, seller] of sellers.entries()) {
      const { name, refreshToken, clientId, clientSecret, previousClientSecret } = seller
      if (previousClientSecret !== undefined && clientSecret === undefined)
        context.addIssue({
          code: 'custom',
          path: [index],
          message: 'previousClientSecret needs clientSecret beside it',
        })
      if (sellers.findIndex((other) => other.name === name) < index)
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'stands twice' })
      // Each name has token buckets of its own: the account's quota would be spent twice over.
      if (sellers.findIndex((other) => other.refreshToken === refreshToken) < index)
        context.addIssue({
          code: 'custom',
          path: [index, 'refreshToken'],
          message: 'stands twice: list all marketplaces of an account with one seller',
        })
      if ((clientId === undefined) !== (clientSecret === undefined))
        context.addIssue({
          code: 'custom',
          path: [index],
          message: 'clientId and clientSecret only work together',
        })
    }
  })

/** Reads `[{"name": …, "refreshToken": …}, …]`. Problems say where and what, and show no value: it may be a secret. */
export function parseSellers(json: string): SellerEntry[] | { readonly problem: string } {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    // The parser's message quotes the text.
    return { problem: 'is not JSON' }
  }
  const parsed = sellersSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) =>
    `${path.length > 0 ? `${pathText(path)} ` : ''}${message}`.trim(),
  )
  return { problem: [...new Set(problems)].join('; ') }
}

/** The same from a file. */
export function readSellersFile(path: string): SellerEntry[] | { readonly problem: string } {
  let json: string
  try {
    json = readFileSync(path, 'utf8')
  } catch (error) {
    return { problem: `can not be read (${(error as NodeJS.ErrnoException).code})` }
  }
  return parseSellers(json)
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
}

/** Every seller that the configuration names; none when there are no credentials. */
export function sellersOf(config: Partial<Config>): readonly SellerAccount[] {
  const { SP_API_CLIENT_ID, SP_API_CLIENT_SECRET, SP_API_REFRESH_TOKEN } = config
  const common = config.SP_API_CLIENT_SECRET_PREVIOUS
  const entries = config.SP_API_SELLERS ?? config.SP_API_SELLERS_FILE?.sellers
  if (entries)
    return entries.map(
      ({ name, refreshToken, clientId, clientSecret, marketplaces, usagePlans, ...more }) => ({
        name,
        refreshToken,
        bucketKey: name,
        clientId: clientId ?? SP_API_CLIENT_ID ?? '',
        clientSecret: clientSecret ?? SP_API_CLIENT_SECRET ?? '',
        previousClientSecret: clientId === undefined ? common : more.previousClientSecret,
        marketplaces,
        usagePlans: usagePlans ?? config.SP_API_USAGE_PLANS,
      }),
    )
  if (!SP_API_CLIENT_ID || !SP_API_CLIENT_SECRET || !SP_API_REFRESH_TOKEN) return []
  return [
    {
      name: 'default',
      // The same in every process, and no way back to the token.
      bucketKey: createHash('sha256').update(SP_API_REFRESH_TOKEN).digest('hex').slice(0, 16),
      clientId: SP_API_CLIENT_ID,
      clientSecret: SP_API_CLIENT_SECRET,
      previousClientSecret: common,
      refreshToken: SP_API_REFRESH_TOKEN,
      marketplaces: undefined,
      usagePlans: config.SP_API_USAGE_PLANS,
    },
  ]
}

type Environment = Readonly<Record<string, string | undefined>>
const credentialNames = ['SP_API_CLIENT_ID', 'SP_API_CLIENT_SECRET', 'SP_API_REFRESH_TOKEN'] as const

/** What is wrong with the credentials taken together, one line each. */
export function credentialProblems(environment: Environment, config: Partial<Config>): readonly string[] {
  const given = (name: string): boolean => Boolean(environment[name])
  const lists = ['SP_API_SELLERS', 'SP_API_SELLERS_FILE'].filter(given)
  // With a key for those in the database, the application may stand alone: they share it.
  const stored = given('CREDENTIALS_KEY') && !given('SP_API_REFRESH_TOKEN')
  if (lists.length === 0 && !stored) {
    const missing = credentialNames.filter((name) => !given(name))
    if (missing.length === 0 || missing.length === credentialNames.length) return []
    return [`${missing.join(' and ')} must be set as well: Amazon's credentials only work together.`]
  }
  const rivals = given('SP_API_REFRESH_TOKEN') ? [...lists, 'SP_API_REFRESH_TOKEN'] : lists
  if (rivals.length > 1)
    return [`${rivals.join(' and ')} are set, and only one may be: each says who the sellers are.`]
  const application = credentialNames.slice(0, 2).filter(given)
  if (application.length === 1) {
    const [missing] = credentialNames.slice(0, 2).filter((name) => !given(name))
    return [`${missing} must be set as well: Amazon's credentials only work together.`]
  }
  return sellersOf(config)
    .filter(({ clientId }) => clientId === '')
    .map(
      ({ name }) =>
        `${lists[0]}: the seller ${name} has no clientId and clientSecret: add them, or set SP_API_CLIENT_ID and SP_API_CLIENT_SECRET for all sellers without.`,
    )
}
