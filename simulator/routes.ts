/** From method and path to what is there. */

import type { Method } from './operations/operation.ts'

interface Routed {
  readonly method: Method
  /** Segments, of which those in braces are variable. */
  readonly path: string
}

export interface Found<T> {
  readonly target: T
  readonly path: Readonly<Record<string, string>>
}

/** Throws an Error when two targets have the same method and path. */
export class Routes<T extends Routed> {
  /** By method and number of segments: few enough to try one after the other. */
  readonly #routes = new Map<string, { readonly pattern: RegExp; readonly target: T }[]>()

  constructor(targets: readonly T[]) {
    const seen = new Set<string>()
    for (const target of targets) {
      const route = `${target.method} ${target.path.replace(/\{\w+\}/g, '{}')}`
      if (seen.has(route)) throw new Error(`${route} is there twice.`)
      seen.add(route)
      const key = keyOf(target.method, target.path)
      const routes = this.#routes.get(key) ?? []
      this.#routes.set(key, routes)
      routes.push({ pattern: patternOf(target.path), target })
      // A fixed segment goes before a variable one in its place.
      routes.sort((a, b) => variables(a.target.path) - variables(b.target.path))
    }
  }

  find(method: string, path: string): Found<T> | null {
    for (const { pattern, target } of this.#routes.get(keyOf(method, path)) ?? []) {
      const match = pattern.exec(path)
      if (match === null) continue
      const parts = Object.entries(match.groups ?? {}).map(([name, part]) => [name, decode(part)])
      return { target, path: Object.fromEntries(parts) }
    }
    return null
  }
}

const keyOf = (method: string, path: string) => `${method} ${path.split('/').length}`
const variables = (path: string) => path.split('{').length - 1

function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
}

/** A path segment as it was meant; one that is not valid percent-encoding stands for itself. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
