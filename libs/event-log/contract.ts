import { contractGroups } from './contract-groups.ts'
import { contractMembers } from './contract-members.ts'
import { contractRecords } from './contract-records.ts'
import type { ContractOptions, CreateFixture } from './contract-support.ts'
import { openFixture } from './contract-support.ts'

export type { ContractFixture, ContractOptions, CreateFixture } from './contract-support.ts'

/**
 * What an `EventLog` promises, as tests: every adapter calls this once from its own `*.itest.ts`.
 *
 * `contract-records.ts` is about topics and records, `contract-groups.ts` about groups and their offsets,
 * `contract-members.ts` about members that share, die, are slow or lose partitions. All tests share one fixture and
 * keep apart by topic and group names of their own.
 */
export function eventLogContract(name: string, create: CreateFixture, options: ContractOptions = {}): void {
  const fixture = openFixture(name, create)
  contractRecords(name, fixture)
  contractGroups(name, fixture)
  contractMembers(name, fixture, options)
}
