import { CredentialVault } from '#libs/service/credential-vault.ts'
import { type Opened, withDatabase } from '../database.ts'
import { UsageError } from '../failure.ts'

export interface OpenedVault extends Opened {
  readonly vault: CredentialVault
}

/** Does `work` with the table of credentials and the keys for it. */
export async function withVault<T>(work: (opened: OpenedVault) => Promise<T>): Promise<T> {
  return withDatabase((opened) => {
    const { CREDENTIALS_KEY } = opened.config
    if (CREDENTIALS_KEY === undefined)
      throw new UsageError('CREDENTIALS_KEY must be set: asinstream sellers new-key prints one.')
    return work({ ...opened, vault: new CredentialVault(CREDENTIALS_KEY) })
  })
}
