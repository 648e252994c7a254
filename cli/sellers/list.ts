import { isUnusable, type VaultContents } from '#libs/service/credential-vault.ts'
import { exitCodes } from '../failure.ts'
import { table } from '../terminal.ts'
import { withVault } from './vault.ts'

/** Everything that is stored. Of a secret its last characters are shown, enough to tell it from another. */
export async function listSellers(options: { readonly json?: true }): Promise<number> {
  return withVault(async ({ vault, db }) => {
    const { sellers, applications } = views(await vault.read(db))
    if (options.json) process.stdout.write(`${JSON.stringify({ sellers, applications }, null, 2)}\n`)
    else if (sellers.length === 0)
      process.stdout.write('No sellers yet: npm run sellers -- add <name> stores one.\n')
    else process.stdout.write(`${text(sellers, applications)}\n`)
    const broken = [...sellers, ...applications].some(({ problem }) => problem !== null)
    return broken ? exitCodes.failed : exitCodes.ok
  })
}

interface SellerView {
  readonly name: string
  readonly clientId: string | null
  readonly marketplaces: readonly string[] | null
  readonly usagePlans: string | null
  readonly refreshToken: string | null
  readonly keyId: string
  readonly updatedAt: string
  readonly problem: string | null
}

interface ApplicationView {
  readonly clientId: string
  readonly clientSecret: string | null
  readonly previousClientSecret: string | null
  readonly keyId: string
  readonly updatedAt: string
  readonly problem: string | null
}

function views({ sellers, applications }: VaultContents) {
  return {
    sellers: sellers.map(({ name, seller, keyId, updatedAt }): SellerView => {
      const row = { name, keyId, updatedAt: new Date(updatedAt).toISOString() }
      const none = { clientId: null, marketplaces: null, usagePlans: null, refreshToken: null }
      if (isUnusable(seller)) return { ...row, ...none, problem: seller.problem }
      const { clientId, marketplaces, usagePlans, refreshToken } = seller
      return { ...row, clientId, marketplaces, usagePlans, refreshToken: masked(refreshToken), problem: null }
    }),
    applications: [...applications].map(([clientId, { application, keyId, updatedAt }]): ApplicationView => {
      const row = { clientId, keyId, updatedAt: new Date(updatedAt).toISOString() }
      if (isUnusable(application))
        return { ...row, clientSecret: null, previousClientSecret: null, problem: application.problem }
      const { clientSecret, previousClientSecret: older } = application
      return {
        ...row,
        clientSecret: masked(clientSecret),
        previousClientSecret: older && masked(older),
        problem: null,
      }
    }),
  }
}

/** Long secrets show their last four characters. */
const masked = (secret: string): string => (secret.length < 24 ? '********' : `********${secret.slice(-4)}`)

function text(sellers: readonly SellerView[], applications: readonly ApplicationView[]): string {
  const when = (iso: string) => iso.slice(0, 16).replace('T', ' ')
  const parts = [
    table([
      ['SELLER', 'APPLICATION', 'MARKETPLACES', 'REFRESH TOKEN', 'KEY', 'STORED', 'STATE'],
      ...sellers.map((one) => [
        one.name,
        one.clientId ?? 'SP_API_CLIENT_ID',
        one.marketplaces?.join(',') ?? 'all',
        one.refreshToken ?? '',
        one.keyId,
        when(one.updatedAt),
        one.problem ?? 'opens',
      ]),
    ]),
  ]
  if (applications.length > 0)
    parts.push(
      table([
        ['APPLICATION', 'CLIENT SECRET', 'OLDER SECRET', 'KEY', 'STORED', 'STATE'],
        ...applications.map((one) => [
          one.clientId,
          one.clientSecret ?? '',
          one.previousClientSecret ?? '',
          one.keyId,
          when(one.updatedAt),
          one.problem ?? 'opens',
        ]),
      ]),
    )
  return parts.join('\n\n')
}
