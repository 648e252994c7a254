import type { OperationOptions } from '../call.ts'
import type { Answer } from '../http-client.ts'
import type { Operation } from '../operations/operation.ts'

/** Sends operations to Amazon, each after a slot of its usage plan: `SpApi.call`. */
export interface OperationCaller {
  call<P extends object, A>(
    operation: Operation<P, A>,
    parameters: P,
    options?: OperationOptions,
  ): Promise<Answer<A>>
}
