import { html } from '../core/html.js'

/** States of products, in the order of bars: words, and what they mean. */
export const productStates = [
  { state: 'success', label: 'Matched', meaning: 'an ASIN was chosen' },
  { state: 'not_found', label: 'Not found', meaning: 'Amazon has nothing under this code' },
  { state: 'ambiguous', label: 'Ambiguous', meaning: 'several ASINs, too close to call' },
  { state: 'restricted', label: 'Restricted', meaning: 'a code for use inside shops' },
  { state: 'invalid', label: 'Invalid code', meaning: 'not a product code' },
  { state: 'error', label: 'Error', meaning: 'every attempt failed' },
  { state: 'queued', label: 'Queued', meaning: 'on its way to Amazon' },
  { state: 'pending', label: 'Pending', meaning: 'waiting for its turn' },
]

/** States of syncs, and outcomes that are no state of a product. */
export const jobStates = [
  { state: 'queued', label: 'Waiting', tone: 'pending' },
  { state: 'running', label: 'Running', tone: 'queued' },
  { state: 'paused', label: 'Paused', tone: 'ambiguous' },
  { state: 'cancelling', label: 'Cancelling', tone: 'pending' },
  { state: 'complete', label: 'Complete', tone: 'success' },
  { state: 'failed', label: 'Failed', tone: 'error' },
  { state: 'cancelled', label: 'Cancelled', tone: 'restricted' },
]
const outcomeStates = [
  { state: 'superseded', label: 'Taken over by a newer sync', tone: 'restricted' },
  { state: 'deleted', label: 'Deleted meanwhile', tone: 'restricted' },
  { state: 'cancelled', label: 'Given back', tone: 'pending' },
]
const priceStates = [
  { state: 'priced', label: 'Priced', tone: 'success' },
  { state: 'no_price', label: 'No offer', tone: 'not_found' },
  { state: 'not_found', label: 'Unknown ASIN', tone: 'restricted' },
  { state: 'error', label: 'Error', tone: 'error' },
  { state: 'queued', label: 'Queued', tone: 'queued' },
  { state: 'stale', label: 'To be renewed', tone: 'ambiguous' },
  { state: 'pending', label: 'Never priced', tone: 'pending' },
]
const kinds = {
  product: productStates,
  job: jobStates,
  price: priceStates,
  outcome: [...productStates, ...outcomeStates],
}

/**
 * @param {string} state
 * @param {keyof typeof kinds} [of]
 * @returns {{ state: string, label: string, tone: string, meaning: string }}
 */
export function stateOf(state, of = 'product') {
  const known = kinds[of].find((one) => one.state === state)
  return { state, label: state.replaceAll('_', ' '), tone: state, meaning: '', ...known }
}

/**
 * The counts of a record as parts of a bar, in the order of the states.
 * @param {Record<string, number>} counts
 * @param {keyof typeof kinds} [of]
 */
export function partsOf(counts, of = 'product') {
  const order = kinds[of].map(({ state }) => state)
  const names = [...order, ...Object.keys(counts).filter((name) => !order.includes(name))]
  return names.map((name) => {
    const { label, tone } = stateOf(name, of)
    return { key: name, label, tone, value: counts[name] ?? 0 }
  })
}

/** `label` says it in another word. @param {{ state: string, of?: keyof typeof kinds, label?: string }} props */
export function StatePill({ state, of = 'product', label = stateOf(state, of).label }) {
  const { tone, meaning } = stateOf(state, of)
  return html`<span class="pill" data-tone=${tone} title=${meaning}>${label}</span>`
}
