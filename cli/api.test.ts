import { expect, it } from 'vitest'
import { apiUrl, problem } from './api.ts'

it.each([
  [409, { title: 'Taken', detail: 'sync 1 runs' }, 'Taken: sync 1 runs (status 409)'],
  [
    400,
    {
      title: 'Some fields',
      detail: 'a: b; c: d',
      errors: [
        { field: 'a', message: 'b' },
        { line: 3, message: 'd' },
      ],
    },
    'Some fields: a: b; c: d (status 400)\n  - a: b\n  - line 3: d',
  ],
  [404, null, 'the request was refused (status 404)'],
  // The number leads to the line of the server's log.
  [
    500,
    { title: 'Wrong', detail: 'see the log', requestId: 'r-1' },
    'Wrong: see the log (status 500, request r-1)',
  ],
  [400, { title: 'Wrong', detail: 'you', requestId: 'r-1' }, 'Wrong: you (status 400)'],
])('a problem of status %i in words', (status, body, message) => {
  expect(problem(status, body).message).toBe(message)
})

it('says how to come in', () => {
  expect(problem(401, { title: 'Nobody', detail: 'who' }).message).toContain('ASINSTREAM_API_KEY')
})

it.each([
  [undefined, {}, 'http://127.0.0.1:8080'],
  [undefined, { ASINSTREAM_URL: 'https://x.example/base/' }, 'https://x.example/base'],
  ['http://y:1', { ASINSTREAM_URL: 'https://x.example' }, 'http://y:1'],
])('the address of %j with %j', (option, environment, url) => {
  expect(apiUrl(option, environment)).toBe(url)
})
