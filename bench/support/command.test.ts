import { expect, it } from 'vitest'
import { choose, optionValues } from './command.ts'
import { defineSection } from './section.ts'

const section = (name: string) =>
  defineSection({
    name,
    title: name,
    about: '',
    options: {
      products: { full: 100_000, quick: 500, help: '' },
      mode: { full: 'cluster', quick: 'embedded', help: '' },
    },
    run: async () => ({ tables: [], notes: [], findings: [] }),
  })

it('takes options as given, and the defaults of the size otherwise', () => {
  const { options } = section('pipeline')
  expect(optionValues(options, {})).toEqual({ products: 100_000, mode: 'cluster' })
  expect(optionValues(options, { quick: true })).toEqual({ products: 500, mode: 'embedded' })
  expect(optionValues(options, { quick: true, products: '7', mode: 'x' })).toEqual({ products: 7, mode: 'x' })
  expect(() => optionValues(options, { products: 'many' })).toThrow('--products takes a number')
})

it('chooses by name, and says which there are', () => {
  const all = [section('a'), section('b'), section('c')]
  expect(choose(all, 'c,a').map(({ name }) => name)).toEqual(['a', 'c'])
  expect(choose(all, undefined)).toHaveLength(3)
  expect(() => choose(all, 'a,d')).toThrow('a, b, c; there is no d')
})
