import { expect, it } from 'vitest'
import { folderError, startError } from './embedded-errors.ts'

const failure = (code: string) => Object.assign(new Error(`${code}: some text`), { code })

it.each([
  ['EACCES', /No permission.*\/data.*Run as its owner/],
  ['EROFS', /No permission.*EROFS/],
  ['ENOSPC', /disk that holds \/data is full/],
  ['ENOTDIR', /\/data can not be used: ENOTDIR/],
])('a folder that fails with %s', (code, message) => {
  expect(folderError('/data', failure(code)).message).toMatch(message)
})

it.each([
  ['could not write to file "pg_wal": No space left on device', /is full/],
  ['could not bind IPv4 address "127.0.0.1": Address already in use', /Port 5433 is in use/],
  ['could not open directory: Permission denied', /no access to \/data/],
  ['something new', /does not start from \/data:\nsomething new/],
])('a server that prints: %s', (output, message) => {
  expect(startError('/data', output, 5433).message).toMatch(message)
})
