/** The query parameter that both catalogue operations have. */

import { DATA_SETS, type DataSet } from '../catalogue/item-data.ts'
import { Refusal } from './operation.ts'
import { list } from './parameters.ts'

const known: ReadonlySet<string> = new Set([...DATA_SETS, 'vendorDetails'])

/** The data sets asked for; `summaries` when none is. `vendorDetails` is accepted, and a seller gets none. */
export function readIncludedData(query: URLSearchParams): ReadonlySet<DataSet> {
  const names = list(query, 'includedData', known.size)
  if (!names.every((name) => known.has(name))) throw new Refusal("Invalid 'includedData' provided.")
  return new Set((names.length === 0 ? ['summaries'] : names) as DataSet[])
}
