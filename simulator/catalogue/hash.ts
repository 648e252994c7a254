/**
 * Hashing: the simulated catalogue is a function of its seed, so every property of it is a hash of (seed, code, salt).
 * All hashes are unsigned 32-bit integers.
 */

/** The 32-bit finaliser of MurmurHash3 (Austin Appleby, public domain). */
function finalise(value: number): number {
  let hash = value
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Folds an integer of up to 53 bits into a hash. */
export function combine(hash: number, value: number): number {
  const low = finalise((Math.imul(hash, 0x9e3779b1) + value) | 0)
  const high = Math.floor(value / 0x1_0000_0000)
  return high === 0 ? low : finalise((Math.imul(low, 0x9e3779b1) + high) | 0)
}

/** Folds a text into a hash, character by character. */
export function combineText(hash: number, text: string): number {
  let result = hash
  for (let i = 0; i < text.length; i++) result = Math.imul(result ^ text.charCodeAt(i), 0x01000193)
  return combine(result >>> 0, text.length)
}

/** A hash as a number in [0, 1). */
export function fraction(hash: number): number {
  return hash / 0x1_0000_0000
}

/** One of the list, by the hash. */
export function pick<T>(list: readonly T[], hash: number): T {
  return list[hash % list.length] as T
}

/** A reproducible source of numbers in [0, 1): counter-mode over `combine`. */
export function createRandom(seed: number): () => number {
  let count = 0
  return () => fraction(combine(seed >>> 0, ++count))
}
