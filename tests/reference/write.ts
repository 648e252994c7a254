import { writeFileSync } from 'node:fs'
import { renderReference } from './render.ts'

writeFileSync(new URL('../../docs/reference.md', import.meta.url), renderReference())
console.log('docs/reference.md is up to date')
