/**
 * What an operation is: an answer to a request, given the simulated world. One file each; `index.ts` lists them, and
 * the gateway does what they have in common: tokens, usage plans, faults, latency, figures.
 */

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../answer.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Identity, Lwa, Scope } from '../lwa.ts'
import type { SimulatorOptions } from '../options.ts'
import type { Statistics } from '../statistics.ts'
import type { Plan } from '../usage-plans.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface OperationRequest {
  /** The variable parts of the path under the names that the model gives them, decoded once. */
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Empty when there is none. */
  readonly body: string
  readonly headers: IncomingHttpHeaders
  readonly caller: Identity
  /** Under which the caller reached the simulator, such as `http://127.0.0.1:41234`: for links in answers. */
  readonly origin: string
}

/** What operations share: one for the life of a simulator. */
export interface World {
  readonly options: SimulatorOptions
  readonly lwa: Lwa
  readonly catalogue: Catalogue
  /** Milliseconds of the simulator's clock: for what expires. Tests let it pass as they like. */
  now(): number
  /** The same clock as a date: the time of the start, and what has passed since. */
  date(): Date
  /** The state that `make` makes, made at its first use: `world.part(createReports)` is the same object every time. */
  part<T extends object>(make: (world: World) => T): T
}

export interface OperationContext extends World {
  readonly statistics: Statistics
}

export interface Operation {
  /** `operationId` of the model; with the model before it where another one has the same: `ordersV0.getOrder`. */
  readonly name: string
  readonly method: Method
  /** As the model has it, such as `/catalog/2022-04-01/items/{asin}`. */
  readonly path: string
  /** Amazon's published plan; options may change it. */
  readonly plan: Readonly<Plan>
  /** For a grantless operation: the scope that the application's token needs. All others need a seller's token. */
  readonly scope?: Scope
  /** The answer above the plan, where the operation has one of its own; `chance` is from 0 to 1. */
  throttled?(chance: number): Answer
  /** Throws a Refusal for what Amazon refuses with a 400. */
  answer(request: OperationRequest, context: OperationContext): Answer | Promise<Answer>
}

/** Something that is fetched without a token, such as a document by its presigned URL. It has neither plan nor faults. */
export interface Resource {
  /** For the figures. */
  readonly name: string
  readonly method: Method
  readonly path: string
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    asked: Pick<OperationRequest, 'path' | 'query' | 'origin'>,
    world: World,
  ): void | Promise<void>
}

/** A route of `/_simulator/…`: the answer's body. An Error that is thrown is a 400 with its message. */
export interface ControlRoute {
  /** Such as `POST /_simulator/offers`. */
  readonly route: string
  /** `body` is the JSON object that was posted; empty for a GET. */
  answer(
    asked: { readonly query: URLSearchParams; readonly body: Record<string, unknown> },
    world: World,
  ): object
}

/** A request that Amazon refuses with 400 `InvalidInput`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly details: string
  constructor(message: string, details = '') {
    super(message)
    this.details = details
  }
}
