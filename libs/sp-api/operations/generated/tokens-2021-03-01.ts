// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './tokens-2021-03-01.json' with { type: 'json' }

export interface CreateRestrictedDataTokenRequest {
  readonly targetApplication?: string
  readonly restrictedResources: ReadonlyArray<RestrictedResource>
}

export interface CreateRestrictedDataTokenResponse {
  readonly restrictedDataToken?: string
  readonly expiresIn?: number
}

export interface RestrictedResource {
  readonly method: "GET" | "PUT" | "POST" | "DELETE" | (string & {})
  readonly path: string
  readonly dataElements?: ReadonlyArray<string>
}

export interface CreateRestrictedDataTokenParameters {
  readonly body: CreateRestrictedDataTokenRequest
}

const operations = operationsOf('tokens-2021-03-01', api)

/** POST /tokens/2021-03-01/restrictedDataToken */
export const createRestrictedDataToken: Operation<CreateRestrictedDataTokenParameters, CreateRestrictedDataTokenResponse> =
  operations('createRestrictedDataToken')
