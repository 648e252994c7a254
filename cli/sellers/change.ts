import type { Queryable } from '#libs/db/database.ts'
import { lockCredentials } from '#libs/db/seller-credentials.ts'
import { isUnusable, type OpenSeller, type VaultContents } from '#libs/service/credential-vault.ts'
import { parseDuration } from '#libs/service/duration.ts'
import { SELLER_NAME } from '#libs/service/sellers.ts'
import { parseUsagePlans, resolveMarketplaces, SpApiInputError } from '#libs/sp-api/index.ts'
import type { AddOptions, RotateSecretOptions } from '../commands/sellers.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { readSecrets, secretOf } from './secrets.ts'
import { type OpenedVault, withVault } from './vault.ts'

/** Stores a seller, or changes what is said of one that is stored. */
export async function addSeller(name: string, options: AddOptions): Promise<number> {
  if (!SELLER_NAME.test(name))
    throw new UsageError('A seller’s name is 1 to 63 letters, digits, dots, dashes and underscores.')
  checkLists(options)
  return withVault(async (opened) => {
    const { vault, db, config } = opened
    const before = await vault.read(db)
    const clientId = options.clientId ?? storedOf(before, name)?.clientId ?? null
    if (clientId === null && config.SP_API_CLIENT_ID === undefined)
      process.stderr.write(
        'Its application will be that of SP_API_CLIENT_ID, which is not set here: --client-id stores one.\n',
      )
    const isNew = clientId !== null && !before.applications.has(clientId)
    const [refreshToken = '', clientSecret] = options.fromEnv
      ? [secretOf('SP_API_REFRESH_TOKEN'), ...(isNew ? [secretOf('SP_API_CLIENT_SECRET')] : [])]
      : await readSecrets(['refresh token', ...(isNew ? [`client secret of ${clientId}`] : [])])
    const known = await db.transaction(async (tx) => {
      const { known, seller } = await changed(opened, tx, name, options, { clientId, refreshToken })
      if (clientId !== null && clientSecret !== undefined)
        await vault.saveApplication(tx, { clientId, clientSecret }, null)
      await vault.saveSeller(tx, seller)
      return known
    })
    process.stdout.write(
      `${name} ${known ? 'has a new refresh token' : 'is stored'}. Running services take it up within ten seconds.\n`,
    )
    return exitCodes.ok
  })
}

/** The seller as it is to be, of the table as it is now: it stays so until the transaction ends. */
async function changed(
  { vault }: OpenedVault,
  tx: Queryable,
  name: string,
  options: AddOptions,
  secrets: { readonly clientId: string | null; readonly refreshToken: string },
): Promise<{ readonly known: boolean; readonly seller: OpenSeller }> {
  await lockCredentials(tx)
  const contents = await vault.read(tx)
  const twin = contents.sellers.find(
    ({ seller, name: other }) =>
      other !== name && !isUnusable(seller) && seller.refreshToken === secrets.refreshToken,
  )
  // Each name has token buckets of its own: the account's quota would be spent twice over.
  if (twin)
    throw new CommandError(
      `The refresh token is that of ${twin.name}: list all marketplaces of an account with one seller.`,
    )
  const row = contents.sellers.find((one) => one.name === name)
  const stored = storedOf(contents, name)
  return {
    known: row !== undefined,
    seller: {
      name,
      ...secrets,
      marketplaces: listOf(options.marketplaces) ?? stored?.marketplaces ?? null,
      usagePlans: options.usagePlans ?? stored?.usagePlans ?? null,
    },
  }
}

function storedOf(contents: VaultContents, name: string): OpenSeller | null {
  const row = contents.sellers.find((one) => one.name === name)
  return row && !isUnusable(row.seller) ? row.seller : null
}

export async function removeStoredSeller(name: string): Promise<number> {
  return withVault(async ({ vault, db }) => {
    if (!(await vault.removeSeller(db, name)))
      throw new CommandError(`No seller ${name} is stored: asinstream sellers list shows them.`)
    process.stdout.write(`${name} is forgotten. Running services leave it within ten seconds.\n`)
    return exitCodes.ok
  })
}

/** The application's new secret; the one it has is kept for as long as Amazon takes it. */
export async function rotateSecret(clientId: string, options: RotateSecretOptions): Promise<number> {
  const validForMs = parseDuration(options.validFor)
  if (validForMs === null)
    throw new UsageError(`--valid-for must be a duration such as 7d, not "${options.validFor}".`)
  return withVault(async ({ vault, db }) => {
    const missing = `The application ${clientId} is not stored. That of SP_API_CLIENT_ID is rotated by SP_API_CLIENT_SECRET and SP_API_CLIENT_SECRET_PREVIOUS.`
    if (!(await vault.read(db)).applications.has(clientId)) throw new CommandError(missing)
    const [clientSecret = ''] = options.fromEnv
      ? [secretOf('SP_API_CLIENT_SECRET')]
      : await readSecrets([`new client secret of ${clientId}`])
    await db.transaction(async (tx) => {
      await lockCredentials(tx)
      const stored = (await vault.read(tx)).applications.get(clientId)?.application
      if (stored === undefined) throw new CommandError(missing)
      if (isUnusable(stored)) throw new CommandError(stored.problem)
      if (stored.clientSecret === clientSecret)
        throw new CommandError('That is the secret that it has already: nothing was changed.')
      const previous = { secret: stored.clientSecret, validUntil: Date.now() + validForMs }
      await vault.saveApplication(tx, { clientId, clientSecret }, previous)
    })
    process.stdout.write(
      `${clientId} has a new secret; the older one is kept for ${options.validFor}. Running services take it up within ten seconds.\n`,
    )
    return exitCodes.ok
  })
}

function checkLists({ marketplaces, usagePlans }: AddOptions): void {
  try {
    if (marketplaces !== undefined) resolveMarketplaces(listOf(marketplaces) ?? [])
    if (usagePlans !== undefined) parseUsagePlans(usagePlans)
  } catch (error) {
    if (error instanceof SpApiInputError) throw new UsageError(error.message)
    throw error
  }
}

function listOf(value: string | undefined): readonly string[] | undefined {
  const items = value?.split(',').map((item) => item.trim())
  return items?.filter((item) => item !== '')
}
