/**
 * Batches of Product Pricing v0: up to twenty requests, each with an answer of its own. A body that is wrong as a whole
 * is refused as a whole: two requests for the same item, too many, parameters wrapped in `queryParams`.
 */

import { randomUUID } from 'node:crypto'
import { type Answer, invalidInput, ok } from '../answer.ts'
import { arranged, troubleOf } from './batch-troubles.ts'
import { type OperationRequest, Refusal, type World } from './operation.ts'
import { isObject, readObject } from './parameters.ts'

const MAX_REQUESTS = 20

export interface BatchedRequest {
  /** The variable part of `uri`, decoded. */
  readonly id: string
  readonly parameters: URLSearchParams
  /** What the answer repeats of the request. */
  readonly echo: Readonly<Record<string, unknown>>
}

const PARAMETERS = ['MarketplaceId', 'ItemCondition', 'CustomerType'] as const

/** The requests of a body; `uri` has one group. Throws a Refusal for a body that Amazon refuses as a whole. */
export function readBatch(request: OperationRequest, uri: RegExp): readonly BatchedRequest[] {
  const { requests } = readObject(request)
  if (!Array.isArray(requests) || requests.length === 0) throw new Refusal("Missing required 'requests'.")
  if (requests.length > MAX_REQUESTS) {
    throw new Refusal(
      'Invalid Input',
      `At most ${MAX_REQUESTS} requests are allowed, not ${requests.length}.`,
    )
  }
  const batch = requests.map((one) => readRequest(one, uri))
  const keys = batch.map(({ id, parameters }) => `${id}\n${parameters}`)
  if (new Set(keys).size < keys.length) {
    throw new Refusal('Duplicate requests submitted. Cannot run batch request.')
  }
  return batch
}

function readRequest(request: unknown, pattern: RegExp): BatchedRequest {
  if (!isObject(request)) throw new Refusal('Invalid Input')
  const { uri, method, queryParams } = request
  // Accepted until April 2026 (abuzuhri/Amazon-SP-API-CSharp#937).
  if (queryParams !== undefined) throw new Refusal('Invalid Input', "Unknown field 'queryParams'.")
  if (method !== 'GET') throw new Refusal("Invalid 'method' provided.")
  const match = typeof uri === 'string' ? pattern.exec(uri) : null
  if (match === null) throw new Refusal("Invalid 'uri' provided.")
  const given = PARAMETERS.flatMap((name) =>
    request[name] === undefined ? [] : [[name, String(request[name])]],
  )
  return {
    id: decodeURIComponent(match[1] as string),
    parameters: new URLSearchParams(given as [string, string][]),
    echo: Object.fromEntries(given),
  }
}

/** A batch's answer; each of its parts answers as the operation would have by itself. */
export function answerBatch(
  batch: readonly BatchedRequest[],
  name: 'Asin' | 'SellerSKU',
  answer: (request: BatchedRequest) => Answer,
  world: World,
): Answer {
  const responses = batch.map((request) => {
    const trouble = troubleOf(world)
    const { status, body } =
      trouble === null
        ? answerOne(request, answer)
        : { status: trouble.status, body: { errors: [trouble.error] } }
    return {
      headers: { 'x-amzn-RequestId': randomUUID(), Date: world.date().toUTCString() },
      status: { statusCode: status, reasonPhrase: trouble?.reasonPhrase ?? REASONS[status] ?? 'Error' },
      body,
      request: { ...request.echo, [name]: request.id },
    }
  })
  return ok({ responses: arranged(responses, world) })
}

/** Alone it fails: one request's refusal is none of the batch's. */
function answerOne(request: BatchedRequest, answer: (request: BatchedRequest) => Answer): Answer {
  try {
    return answer(request)
  } catch (error) {
    if (error instanceof Refusal) return invalidInput(error.message, error.details)
    throw error
  }
}

const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 400: 'Bad Request', 404: 'Not Found' }
