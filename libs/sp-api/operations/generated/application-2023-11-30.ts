// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './application-2023-11-30.json' with { type: 'json' }

export interface RotateApplicationClientSecretParameters {}

const operations = operationsOf('application-2023-11-30', api)

/** POST /applications/2023-11-30/clientSecret */
export const rotateApplicationClientSecret: Operation<RotateApplicationClientSecretParameters, undefined> =
  operations('rotateApplicationClientSecret')
