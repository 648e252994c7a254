import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { openApiDocument } from '#services/reporting/openapi/document.ts'
import type { ApiDocument } from './changes.ts'
import { contractOf } from './contract.ts'

/** What clients of the API rely on; a change of it is a line of a commit that a reviewer sees. */
export const BASELINE = 'services/reporting/openapi/baseline.json'

const file = new URL(`../../../${BASELINE}`, import.meta.url)

export const currentContract = (): ApiDocument => contractOf(openApiDocument())

/** Null: there is none yet. */
export const readBaseline = (): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null)

export const writeBaseline = (contract: ApiDocument): void => writeFileSync(file, textOf(contract))

export const textOf = (contract: ApiDocument): string => `${JSON.stringify(contract, null, 1)}\n`
