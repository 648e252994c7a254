import { randomBytes } from 'node:crypto'
import { CredentialError } from '#libs/service/credential-keys.ts'
import { CommandError, exitCodes } from '../failure.ts'
import { counted } from '../terminal.ts'
import { withVault } from './vault.ts'

/** Its id is the day, with a few letters so that two of a day differ. */
export function newKey(): number {
  const day = new Date().toISOString().slice(0, 10)
  process.stdout.write(`${day}-${randomBytes(2).toString('hex')}:${randomBytes(32).toString('base64')}\n`)
  return exitCodes.ok
}

export async function rotateKey(): Promise<number> {
  return withVault(async ({ vault, db, config }) => {
    const id = config.CREDENTIALS_KEY!.newestId
    const changed = await vault.sealAnew(db).catch((error: unknown) => {
      throw error instanceof CredentialError
        ? new CommandError(`Nothing was changed: ${error.message}`)
        : error
    })
    process.stdout.write(
      changed === 0
        ? `Everything is sealed with ${id} already.\n`
        : `${counted(changed, 'row')} sealed anew with ${id}. Once every service has it, older keys may leave CREDENTIALS_KEY.\n`,
    )
    return exitCodes.ok
  })
}
