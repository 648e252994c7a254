/**
 * Preloaded (`node --import`) into a real service process: counts the requests that it writes to its sockets, and ends it
 * with SIGKILL at the one that `CRASH_PLAN` names. Nothing in the service knows of it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CrashPlan, CrashReport, Step } from './plan.ts'
import { isVisible, KafkaAnswers, type Peer, type Request, requestOf } from './requests.ts'

/** Where all bytes of a socket go through, out and in; Node's own, so that every client library is seen. */
interface SocketInternals {
  _writeGeneric(writev: boolean, data: unknown, encoding: BufferEncoding, callback: unknown): unknown
  push(chunk: unknown, encoding?: BufferEncoding): boolean
}

const plan = await readPlan()
const steps: Step[] = []
const inTransaction = new WeakSet<Socket>()
const answers = new WeakMap<Socket, KafkaAnswers>()
let awaited: { readonly socket: Socket; readonly request: Request } | undefined

const internals = Socket.prototype as unknown as SocketInternals
if (typeof internals._writeGeneric !== 'function') {
  throw new Error('Node has changed inside: look at tests/crash/inject.ts')
}
const { _writeGeneric: write, push } = internals

internals._writeGeneric = function (this: Socket, writev, data, encoding, callback) {
  // While it connects, Node keeps the bytes and comes again.
  const peer = this.connecting ? undefined : peerOf(this)
  const request = peer && requestOf(peer, bytesOf(writev, data, encoding))
  if (request) steps.push(stepOf(this, request))
  const now = request !== undefined && steps.length === plan.at
  if (now && plan.moment === 'before') crash()
  const result = write.call(this, writev, data, encoding, callback)
  if (now && plan.moment === 'sent') crash()
  if (now) awaited = { socket: this, request }
  return result
}

internals.push = function (this: Socket, chunk, encoding) {
  if (Buffer.isBuffer(chunk) && isAwaited(this, chunk)) crash()
  return push.call(this, chunk, encoding)
}

/** Loads the service while the run before is still under way, which saves half of the time of a run. */
async function readPlan(): Promise<CrashPlan> {
  const { CRASH_PLAN: file, CRASH_PRELOAD: modules } = process.env
  for (const module of modules ? modules.split(',') : []) await import(module)
  for (;;) {
    try {
      return JSON.parse(readFileSync(String(file), 'utf8')) as CrashPlan
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      await sleep(5)
    }
  }
}

function stepOf(socket: Socket, request: Request): Step {
  const visible = isVisible(request, inTransaction.has(socket))
  if (request.what === 'begin') inTransaction.add(socket)
  if (request.what === 'commit' || request.what === 'rollback') inTransaction.delete(socket)
  return { what: `${request.peer}: ${request.what}`, visible }
}

function isAwaited(socket: Socket, chunk: Buffer): boolean {
  if (peerOf(socket) !== 'kafka') return awaited?.socket === socket
  const reader = answers.get(socket) ?? new KafkaAnswers()
  answers.set(socket, reader)
  const ids = reader.read(chunk)
  return awaited?.socket === socket && ids.includes(awaited.request.correlationId ?? -1)
}

function peerOf({ remotePort, localPort }: Socket): Peer | undefined {
  return plan.peers[remotePort ?? -1] ?? (localPort === plan.ownPort ? 'client' : undefined)
}

function bytesOf(writev: boolean, data: unknown, encoding: BufferEncoding): Buffer {
  const chunks = writev
    ? (data as { chunk: unknown; encoding: BufferEncoding }[])
    : [{ chunk: data, encoding }]
  return Buffer.concat(
    chunks.map(({ chunk, encoding: of }) =>
      typeof chunk === 'string' ? Buffer.from(chunk, of) : Buffer.from(chunk as Uint8Array),
    ),
  )
}

function report(crashed: boolean): void {
  writeFileSync(plan.report, JSON.stringify({ steps, crashed } satisfies CrashReport))
}

function crash(): never {
  report(true)
  process.kill(process.pid, 'SIGKILL')
  throw new Error('still alive')
}

process.once('exit', () => report(false))
process.on('newListener', (event) => {
  if (event === 'SIGTERM') writeFileSync(plan.listening, '')
})
