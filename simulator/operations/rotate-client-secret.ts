/**
 * `POST /applications/2023-11-30/clientSecret` (model `application_2023-11-30`, operation `rotateApplicationClientSecret`):
 * a new secret, which the answer does not hold. Amazon sends it to a queue; here it is read at `/_simulator/client-secret`.
 */

import { randomBytes } from 'node:crypto'
import { noContent } from '../answer.ts'
import { type ControlRoute, type Operation, Refusal, type World } from './operation.ts'

/** "The old secret expires seven days later" (developer documentation, "Rotate your application's client secret"). */
const OLDER_VALID_SECONDS = 7 * 86_400

interface Rotation {
  newest: string | null
}

const createRotation = (_world: World): Rotation => ({ newest: null })

export const rotateApplicationClientSecret: Operation = {
  name: 'rotateApplicationClientSecret',
  method: 'POST',
  path: '/applications/2023-11-30/clientSecret',
  plan: { rate: 0.0167, burst: 1, appRate: null },
  scope: 'sellingpartnerapi::client_credential:rotation',
  answer(_request, world) {
    const rotation = world.part(createRotation)
    // Where any application is taken there is no secret to rotate.
    if (world.options.clientId === undefined) {
      throw new Refusal(
        'Application is not enrolled for rotation notification. Please update application notification preference in Developer console.',
      )
    }
    rotation.newest = `amzn1.oa2-cs.v1.${randomBytes(32).toString('hex')}`
    world.lwa.rotateSecret(rotation.newest, OLDER_VALID_SECONDS)
    return noContent()
  },
}

/** The message in the queue: what a rotation made. */
export const readClientSecret: ControlRoute = {
  route: 'GET /_simulator/client-secret',
  answer: (_asked, world) => ({ clientSecret: world.part(createRotation).newest }),
}
