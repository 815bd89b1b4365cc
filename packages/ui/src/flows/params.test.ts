import { encode } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { launchCommand, launchCurl, retryCommand, retryCurl } from './launch-command.ts'
import { fieldText, fieldsOf, jsonParams, paramsOf } from './params.ts'

const schema = {
  type: 'object',
  properties: {
    pages: { type: 'integer', description: 'How many', default: 3 },
    region: { enum: ['eu', 'us'] },
    full: { type: 'boolean' },
    note: { type: 'string' },
    lines: { type: 'array', items: { type: 'string' } },
  },
  required: ['pages', 'region', 'lines'],
}

describe('the fields of a form', () => {
  const fields = fieldsOf(schema, { region: 'us' })!

  test('are of the kind that the schema says; what has a default need not be given', () => {
    expect(fields.map(({ name, kind, isRequired, usual }) => [name, kind, isRequired, usual])).toEqual([
      ['pages', 'number', false, 3],
      ['region', 'choice', false, 'us'],
      ['full', 'flag', false, undefined],
      ['note', 'text', false, undefined],
      ['lines', 'json', true, undefined],
    ])
    expect(fieldsOf({ type: 'array' }, {})).toBeNull()
    expect(fieldsOf(undefined, {})).toBeNull()
  })

  test('give params: what says nothing is left out, text stays text', () => {
    const texts = { pages: '12', region: '"eu"', full: 'false', note: '42', lines: '["a"]' }
    expect(paramsOf(fields, texts)).toEqual({
      params: { pages: 12, region: 'eu', full: false, note: '42', lines: ['a'] },
      problems: {},
    })
    expect(paramsOf(fields, { lines: '[]' }).params).toEqual({ lines: [] })
  })

  test('say what is wrong, each at its place', () => {
    expect(paramsOf(fields, { pages: 'many' }).problems).toEqual({
      pages: 'This is no number.',
      lines: 'It must be given.',
    })
    expect(paramsOf(fields, { pages: '"12"', lines: '[a]' }).problems).toEqual({
      pages: 'This is no number.',
      lines: 'This is no JSON.',
    })
  })

  test('show a value as it is written', () => {
    expect([
      fieldText('text', 'a b'),
      fieldText('json', ['a']),
      fieldText('number', 3),
      fieldText('text', undefined),
    ]).toEqual(['a b', '["a"]', '3', ''])
  })

  test('are filled with what a run had, as far as JSON has words for it', () => {
    const had = encode({ pages: 2, since: new Date(0), tags: new Set(['a']), deep: { list: [1, null] } })
    expect(jsonParams(had)).toEqual({ pages: 2, deep: { list: [1, null] } })
    expect([jsonParams(null), jsonParams('[1]'), jsonParams(undefined)]).toEqual([{}, {}, {}])
  })
})

describe('a launch as a command', () => {
  test('is quoted for a shell', () => {
    const about = { target: 'scrape', location: 'main', params: { pages: 2, note: "it's", list: ['a b'] } }
    expect(launchCommand(about)).toBe(
      `sluice run scrape --param pages=2 --param 'note=it'\\''s' --param 'list=["a b"]'`,
    )
    expect(launchCommand({ target: 'raw/orders', location: 'main', params: undefined, partition: 'A..B' })).toBe(
      'sluice run raw/orders --partition A..B',
    )
    expect(launchCommand({ target: 'parse', location: 'main', params: ['x', 1] })).toBe(
      `sluice run parse --params '["x",1]'`,
    )
  })

  test('and for a program that speaks HTTP', () => {
    expect(launchCurl({ target: 'a b', location: 'main', params: undefined }, 'http://127.0.0.1:4747')).toBe(
      `curl -X POST http://127.0.0.1:4747/api/runs -H 'content-type: application/json' -d '{"target":"a b","location":"main"}'`,
    )
    const again = { run: 'r0abc', from: 'failure', params: { pages: 2 } } as const
    expect(retryCommand(again)).toBe(`sluice runs retry r0abc --params '{"pages":2}'`)
    expect(retryCommand({ ...again, from: 'start', params: undefined })).toBe('sluice runs retry r0abc --from start')
    expect(retryCurl(again, 'http://127.0.0.1:4747')).toBe(
      `curl -X POST http://127.0.0.1:4747/api/runs/r0abc/retry -H 'content-type: application/json' -d '{"from":"failure","params":{"pages":2}}'`,
    )
  })
})
