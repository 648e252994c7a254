/** Forgets the oldest entries of a map above a number, so that a simulator that runs for weeks does not fill the memory. */
export function keepNewest(map: Map<unknown, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
