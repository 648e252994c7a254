import { EventLogError } from '#libs/event-log/port.ts'
import {
  type LetterChoice,
  type LetterPlace,
  NoSuchLetter,
  originTopics,
  placeOf,
} from '#libs/service/dead-letters.ts'
import { parseDuration } from '#libs/service/duration.ts'
import { DEAD_LETTERS } from '#schemas/topics.ts'
import type { LetterFilters } from '../commands/dead-letters.ts'
import { CommandError, UsageError } from '../failure.ts'

/** @throws UsageError when the text is no place. */
export function parsePlace(text: string): LetterPlace {
  const place = placeOf(text)
  if (place === null)
    throw new UsageError(
      `"${text}" is no place: give partition and offset as the list shows them, such as 0:17`,
    )
  return place
}

/** Which letters are meant. @throws UsageError when an option makes no sense. */
export function letterChoice({ topic, group, reason, since }: LetterFilters): LetterChoice {
  const ageMs = since === undefined ? undefined : parseDuration(since)
  if (ageMs === null) throw new UsageError(`--since ${since} is no duration: write 30m, 2h or 7d`)
  if (topic !== undefined && !originTopics.includes(topic))
    throw new UsageError(`--topic ${topic} is none of the topics ${originTopics.join(', ')}`)
  return {
    ...(topic !== undefined && { topic }),
    ...(group !== undefined && { group }),
    ...(reason !== undefined && { reason }),
    ...(ageMs !== undefined && { ageMs }),
  }
}

/** A missing topic, or letter, is said in words that fit. */
export function explainLogError(error: unknown): unknown {
  if (error instanceof NoSuchLetter)
    return new CommandError(`${error.message} See: npm run dead-letters -- list`, { cause: error })
  return error instanceof EventLogError && error.code === 'UNKNOWN_TOPIC'
    ? new CommandError(`There is no topic ${DEAD_LETTERS} yet. Run: npm run migrate`, { cause: error })
    : error
}
