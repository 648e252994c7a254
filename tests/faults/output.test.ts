import { execFile } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { checkOutput } from './output.ts'

const LINE = '{"level":"warn","time":"2026-11-22T22:40:55.339Z","msg":"Redis is gone"}\n'

it('finds nothing in what services log', () => {
  expect(checkOutput('persister-0', LINE.repeat(3))).toEqual([])
})

it('catches a warning that a process of Node really prints, once, with where it came from', async () => {
  const leak = `const e = new (require('node:events'))(); for (let i = 0; i <= ${EventEmitter.defaultMaxListeners}; i++) e.on('x', () => {})`
  const { stderr } = await promisify(execFile)(process.execPath, ['--trace-warnings', '-e', leak])
  expect(checkOutput('persister-0', LINE + stderr + LINE)).toEqual([
    {
      kind: 'warning',
      detail: expect.stringMatching(/^persister-0: \(node:\d+\) MaxListenersExceededWarning: .* at /),
    },
  ])
})

it.each([
  ['an access token', 'Atza|abcdefgh1234'],
  ['a refresh token, encoded', 'refresh_token=Atzr%7Cabcdefgh1234'],
  ['a client secret', 'amzn1.oa2-cs.v1.abcdefgh1234'],
])('catches %s, and does not repeat it', (_, secret) => {
  const found = checkOutput('catalog-fetcher-0', `${LINE}{"msg":"${secret}"}\n`)
  expect(found).toMatchObject([{ kind: 'secret', detail: expect.stringContaining('on line 2') }])
  expect(JSON.stringify(found)).not.toContain('abcdefgh')
})
