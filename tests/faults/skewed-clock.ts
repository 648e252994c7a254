/**
 * Loaded before a service (`node --import`), puts the wall clock of its process wrong by minutes, by its process id: five
 * minutes behind, right, or four ahead. Monotonic time stays as it is, as it does on a machine whose clock is wrong.
 */
const MINUTE_MS = 60_000
const skewMs = ([-5, 0, 4][process.pid % 3] ?? 0) * MINUTE_MS

const RealDate = Date
const now = (): number => RealDate.now() + skewMs

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length > 0 ? given : [now()], newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
})
