import { api } from '../kit.js'

/** A product in one marketplace, as the address of its match. */
export const matchPath = ({ productId, marketplaceId }) =>
  `/api/review/matches/${encodeURIComponent(productId)}/${encodeURIComponent(marketplaceId)}`
export const matchKey = ({ productId, marketplaceId }) => `${productId}/${marketplaceId}`

const withNote = (note) => (note.trim() === '' ? {} : { note: note.trim() })

/** What can be decided. Each resolves to the match as it is then; 412: somebody was faster, `problem.current` is how it is. */
export const accept = (match, asin, note = '') =>
  api.post(`${matchPath(match)}/accept`, { asin, version: match.version, ...withNote(note) })
export const reject = (match, asins, note = '') =>
  api.post(`${matchPath(match)}/reject`, { asins, version: match.version, ...withNote(note) })
export const rejectAll = (match, note = '') =>
  api.post(`${matchPath(match)}/reject`, { all: true, version: match.version, ...withNote(note) })
export const undo = (match) => api.post(`${matchPath(match)}/undo`, { version: match.version })
