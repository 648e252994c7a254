/** What an operation is: a pure answer to a request, given the catalogue. */

import type { Answer } from '../answer.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { Statistics } from '../statistics.ts'
import type { Plan } from '../usage-plans.ts'

export interface OperationRequest {
  /** The variable part of the path, when there is one. */
  readonly pathParameter: string
  readonly query: URLSearchParams
}

export interface OperationContext {
  readonly catalogue: Catalogue
  readonly statistics: Statistics
}

export interface Operation {
  readonly name: string
  readonly method: 'GET'
  /** Path as the model has it; its one capture group, if any, is the path parameter. */
  readonly path: RegExp
  /** Amazon's published plan; options may change it. */
  readonly plan: Readonly<Plan>
  answer(request: OperationRequest, context: OperationContext): Answer
}
