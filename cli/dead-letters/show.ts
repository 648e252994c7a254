import type { Redrive } from '#libs/db/redrives.ts'
import {
  type Decoding,
  decodeLetter,
  idOf,
  placeText,
  readPlaces,
  redrivesOf,
} from '#libs/service/dead-letters.ts'
import type { DeadLetter } from '#libs/stream/dead-letter-redrive.ts'
import { exitCodes } from '../failure.ts'
import { table } from '../terminal.ts'
import { parsePlace } from './letters.ts'
import { toJson } from './list.ts'
import { withBackends } from './open.ts'

const DUMPED_BYTES = 256
const MAX_VALUE_CHARACTERS = 20_000

/** Prints one dead letter; resolves to the exit code. */
export async function showDeadLetter(text: string, options: { readonly json?: true }): Promise<number> {
  const place = parsePlace(text)
  return await withBackends(async ({ backends, db }) => {
    const [letter] = await readPlaces(backends.log(), [place])
    if (letter === undefined) throw new Error('a place without its letter')
    const decoding = await decodeLetter(backends.codec(), letter)
    const redrive = (await redrivesOf(db, [letter])).get(idOf(letter))
    process.stdout.write(
      options.json
        ? `${JSON.stringify(asJson(letter, decoding, redrive), null, 2)}\n`
        : `${asText(letter, decoding, redrive)}\n`,
    )
    return exitCodes.ok
  })
}

function asJson(letter: DeadLetter, decoding: Decoding, redrive: Redrive | undefined) {
  const { headers, key, value } = letter.record
  return {
    ...toJson(letter, redrive),
    headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, printable(bytes)])),
    key: key?.toString('base64') ?? null,
    value: value?.toString('base64') ?? null,
    ...('value' in decoding ? { decoded: decoding.value } : { problem: decoding.problem }),
    advice: advice(letter, decoding, redrive),
  }
}

function asText(letter: DeadLetter, decoding: Decoding, redrive: Redrive | undefined): string {
  const { record } = letter
  const headers = Object.entries(record.headers).map(([name, bytes]) => [name, printable(bytes)])
  return [
    `Dead letter ${placeText(record)}`,
    '',
    table([...headers, ['key', record.key === null ? 'none' : printable(record.key)]]),
    '',
    ...valueText(record.value, decoding),
    '',
    advice(letter, decoding, redrive),
  ].join('\n')
}

function valueText(value: Buffer | null, decoding: Decoding): string[] {
  if ('value' in decoding) {
    const text = JSON.stringify(decoding.value, null, 2)
    return [
      'value, decoded:',
      text.length > MAX_VALUE_CHARACTERS
        ? `${text.slice(0, MAX_VALUE_CHARACTERS)}\n… and ${text.length - MAX_VALUE_CHARACTERS} characters more (--json has all)`
        : text,
    ]
  }
  if (value === null) return ['no value']
  const rest = value.length - DUMPED_BYTES
  return [
    `value, ${value.length} bytes that can not be decoded:`,
    ...hexDump(value.subarray(0, DUMPED_BYTES)),
    ...(rest > 0 ? [`… and ${rest} bytes more (--json has all, in base64)`] : []),
  ]
}

/** Offset, sixteen bytes, and those that are printable. */
export function hexDump(bytes: Buffer): string[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const line = bytes.subarray(row * 16, row * 16 + 16)
    const hex = [...line].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = [...line]
      .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
      .join('')
    return `${(row * 16).toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${text}`
  })
}

function advice(letter: DeadLetter, decoding: Decoding, redrive: Redrive | undefined): string {
  const place = placeText(letter.record)
  const again = redrive === undefined ? '' : ' --again'
  const before =
    redrive === undefined
      ? ''
      : `It was brought back on ${redrive.lastAt.toISOString()}${redrive.times > 1 ? `, ${redrive.times} times in all` : ''}. `
  if (letter.origin === null)
    return 'It does not say where it came from, so it can not be brought back: whoever wrote it has to write it again.'
  if ('problem' in decoding)
    return `${before}It still can not be decoded: ${decoding.problem}. When a newer release or another SCHEMA_REGISTRY_URL can, bring it back there: npm run dead-letters -- redrive ${place}${again}. Otherwise leave it: its product is asked for again after QUEUED_TIMEOUT.`
  return `${before}It can be decoded. Mend what the reason says (${letter.reason ?? 'none was given'}), then: npm run dead-letters -- redrive ${place}${again}. Its product is asked for again in any case; a result that came too late changes nothing.`
}

/** Text as it is; bytes that are none, or that could steer a terminal, as hexadecimal. */
function printable(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  const plain = Buffer.from(text, 'utf8').equals(bytes) && !/[\p{Cc}\p{Cf}]/u.test(text)
  return plain ? text : `0x${bytes.toString('hex')}`
}
