import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openLogFile } from './log-file.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

it('takes a line that comes after its end: a connection that ends with the database must not end the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'asinstream-log-'))
  folders.push(folder)
  const shown: string[] = []
  const log = openLogFile(join(folder, 'asinstream.log'), (_, line) => shown.push(line))
  log.write('{"level":"warn","service":"persister","msg":"first"}\n')
  await log.close()
  expect(() => log.write('{"level":"warn","service":"persister","msg":"late"}\n')).not.toThrow()
  expect(readFileSync(log.path, 'utf8')).toContain('first')
  expect(shown).toEqual(['persister: first'])
})
