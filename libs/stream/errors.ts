/** Why a processor had to end. Every one is fatal: nothing of the chunk is committed and the process should exit. */
export const streamErrorCodes = [
  'PROCESS_FAILED',
  'WRONG_VERDICTS',
  'UNDECLARED_OUTPUT',
  'ENCODE_FAILED',
  'CHUNK_POLICY_FAILED',
  'APPEND_FAILED',
  'COMMIT_FAILED',
  'CONSUMER_FAILED',
  'TOO_MANY_REJECTS',
] as const
export type StreamErrorCode = (typeof streamErrorCodes)[number]

/** Where in the log something went wrong. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

/** The message names group, topic, partition and offset, and carries the reason; `cause` is what was thrown. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly code: StreamErrorCode
  readonly group: string
  readonly place: Place | undefined

  constructor(
    code: StreamErrorCode,
    about: {
      readonly group: string
      readonly place?: Place | undefined
      readonly problem: string
      readonly cause?: unknown
    },
  ) {
    const { group, place, problem, cause } = about
    const where =
      place === undefined
        ? ''
        : `, topic ${place.topic}, partition ${place.partition}, offset ${place.offset}`
    const reason = cause === undefined ? '' : `: ${cause instanceof Error ? cause.message : String(cause)}`
    super(`${problem} (group ${group}${where})${reason}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.group = group
    this.place = place
  }
}
