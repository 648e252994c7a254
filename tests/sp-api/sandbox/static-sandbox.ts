import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { type SandboxCase, type SandboxOperation, textOf } from './cases.ts'

export interface StaticSandbox {
  readonly url: string
  /** How many have come that were not for a token. */
  readonly requests: number
  close(): Promise<void>
}

/** What a request gives, by the names of the model's parameters; absent ones are left out. */
type Given = Readonly<Record<string, unknown>>

/**
 * Amazon's static sandbox, made of its models: a request is answered by the case whose parameters it has, when it has
 * all that are required as well; by a 400 "Could not match input arguments" otherwise. Of several cases that fit, the
 * one that lists the most; of several that list the same, each in turn.
 */
export async function startStaticSandbox(operations: readonly SandboxOperation[]): Promise<StaticSandbox> {
  const routes = operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }))
  let requests = 0
  const server = createServer(async (message, response) => {
    const url = new URL(message.url ?? '/', 'http://sandbox')
    const body = await read(message)
    const send = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-requestid': 'sandbox' })
      response.end(value === undefined ? undefined : JSON.stringify(value))
    }
    if (url.pathname === '/auth/o2/token')
      return send(200, { access_token: 'Atza|sandbox', token_type: 'bearer', expires_in: 3_600 })
    requests++
    if (message.headers['x-amz-access-token'] === undefined)
      return send(403, errors('Unauthorized', 'no token'))
    const route = routes.find(
      ({ operation, pattern }) => operation.method === message.method && pattern.test(url.pathname),
    )
    if (route === undefined) return send(403, errors('MissingAuthenticationToken', 'no such path'))
    const given = givenBy(route.operation, route.pattern.exec(url.pathname)!.groups ?? {}, url, message, body)
    const found = match(route.operation, given)
    // Restricted tokens for the sandbox come from production.
    if (found === undefined && route.operation.operationId === 'createRestrictedDataToken')
      return send(200, { restrictedDataToken: 'Atz.sprdt|sandbox', expiresIn: 3_600 })
    if (found === undefined) return send(400, errors('InvalidInput', 'Could not match input arguments'))
    send(found.status, found.response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function match(operation: SandboxOperation, given: Given): SandboxCase | undefined {
  const complete = operation.parameters.every(
    (parameter) => !operation.isRequired(parameter) || given[parameter.name] !== undefined,
  )
  if (!complete) return undefined
  const fitting = operation.cases.filter((one) =>
    Object.entries(one.given).every(([name, value]) =>
      name === 'body' ? isDeepStrictEqual(given.body, value) : given[name] === textOf(value),
    ),
  )
  const most = Math.max(...fitting.map((one) => Object.keys(one.given).length))
  const closest = fitting.filter((one) => Object.keys(one.given).length === most)
  const found = closest.toSorted((a, b) => (turns.get(a) ?? 0) - (turns.get(b) ?? 0))[0]
  if (found !== undefined) turns.set(found, (turns.get(found) ?? 0) + 1)
  return found
}

/** How often each case was used. */
const turns = new WeakMap<SandboxCase, number>()

function givenBy(
  { parameters }: SandboxOperation,
  path: Readonly<Record<string, string>>,
  url: URL,
  message: IncomingMessage,
  body: string,
): Given {
  return Object.fromEntries(
    parameters.flatMap(({ name, in: place }): Array<[string, unknown]> => {
      if (place === 'body') return body === '' ? [] : [[name, JSON.parse(body)]]
      if (place === 'path') return [[name, decodeURIComponent(path[name]!)]]
      if (place === 'header') {
        const value = message.headers[name.toLowerCase()]
        return value === undefined ? [] : [[name, textOf(value)]]
      }
      const values = url.searchParams.getAll(name)
      return values.length === 0 ? [] : [[name, values.join(',')]]
    }),
  )
}

function patternOf(path: string): RegExp {
  const literal = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
  return new RegExp(`^${literal.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
}

async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const errors = (code: string, message: string) => ({ errors: [{ code, message }] })
