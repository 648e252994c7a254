import { expect, it } from 'vitest'
import { KafkaAdmin } from './kafka-admin.ts'
import type { AdminClient } from './kafka-client.ts'
import { unavailable } from './kafka-errors.ts'

/** An admin whose clients answer for the offsets of a group as `answers` says, one after the other. */
function adminWith(answers: readonly (Error | string)[], timeoutMs = 5_000) {
  const left = [...answers]
  let clients = 0
  const admin = new KafkaAdmin({
    createClient: () => {
      clients++
      return {
        connect: async () => {},
        disconnect: async () => {},
        listTopics: async () => ['topic'],
        fetchOffsets: async () => {
          const answer = left.shift() ?? 'none'
          if (answer instanceof Error) throw answer
          return [{ topic: 'topic', partitions: [{ partition: 0, offset: answer }] }]
        },
      } as unknown as AdminClient
    },
    createConsumer: () => {
      throw new Error('nobody commits')
    },
    unavailable: (doing, cause) => unavailable(doing, ['broker:9092'], cause),
    emit: () => {},
    timeoutMs,
    now: () => performance.now(),
  })
  return { admin, left, clients: () => clients }
}

const refusal = (type: string) => Object.assign(new Error('in a moment'), { type, retriable: true })

it.each(['GROUP_LOAD_IN_PROGRESS', 'NOT_COORDINATOR_FOR_GROUP'])(
  'asks again while the coordinator of a group is on its way (%s)',
  async (type) => {
    const { admin, clients } = adminWith([refusal(type), refusal(type), '7'])
    expect(await admin.committedOffsets('group', 'topic')).toEqual(new Map([[0, 7n]]))
    expect(clients()).toBe(3)
  },
)

it('gives a coordinator up that does not come within the time', async () => {
  const { admin } = adminWith(Array(100).fill(refusal('GROUP_LOAD_IN_PROGRESS')), 600)
  await expect(admin.committedOffsets('group', 'topic')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
})

it('does not ask again where that would not help', async () => {
  const { admin, left } = adminWith([refusal('GROUP_AUTHORIZATION_FAILED'), '7'])
  await expect(admin.committedOffsets('group', 'topic')).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  expect(left).toEqual(['7'])
})
