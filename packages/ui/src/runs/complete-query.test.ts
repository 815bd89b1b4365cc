import { describe, expect, test } from 'vitest'
import type { Location } from '../definitions/queries.ts'
import { type QueryVocabulary, queryCompletions, queryVocabulary } from './complete-query.ts'
import { parseQuery } from './query-text.ts'

const words: QueryVocabulary = {
  jobs: ['nightly'],
  assets: ['raw/orders', 'odd name'],
  names: ['load'],
  owners: ['team:data', 'team:ingest'],
  tags: ['on call=yes', 'tier=1'],
}
/** `|` is where the text cursor is. What the choices come to, each as the whole text. */
const offered = (marked: string): string[] => {
  const caret = marked.indexOf('|')
  const text = marked.replace('|', '')
  return queryCompletions(text, caret, words).map(
    ({ insert, from, to }) => text.slice(0, from) + insert + text.slice(to),
  )
}

describe('what may stand at the text cursor', () => {
  test.each([
    ['|', ['state:', 'job:', 'asset:', 'tag:', 'owner:']],
    ['load |', ['load state:', 'load job:', 'load asset:', 'load tag:', 'load owner:']],
    ['ow|', ['owner:']],
    ['own|er:team:data', ['owner:team:data']],
    ['owner:|', ['owner:team:data ', 'owner:team:ingest ']],
    ['owner:ing|', ['owner:team:ingest ']],
    ['owner:ing| load', ['owner:team:ingest load']],
    ['x job:n|', ['x job:nightly ']],
    ['asset:o|', ['asset:"odd name" ', 'asset:raw/orders ']],
    ['asset:"odd n|ame" x', ['asset:"odd name" x']],
    ['tag:"on|', ['tag:"on call=yes" ']],
    ['state:f|', ['state:failed ']],
    ['state:failed,cra|', ['state:failed,crashed ']],
    ['state:failed,fai|', []],
    ['nigh|', ['job:nightly ']],
    ['loa|', ['load ']],
    ['ingest|', ['owner:team:ingest ']],
    ['crash|', ['state:crashed ']],
    ['nothing_like_it|', []],
    ['else:|', []],
  ])('%s', (marked, texts) => expect(offered(marked)).toEqual(texts))

  test('every value that is offered is asked for as it is', () => {
    for (const [marked, name, values] of [
      ['owner:|', 'owner', words.owners],
      ['tag:|', 'tag', words.tags],
      ['asset:|', 'asset', words.assets],
      ['job:|', 'job', words.jobs],
    ] as const)
      expect(offered(marked).map((text) => parseQuery(text)[name])).toEqual(values)
  })
})

test('names come from what is defined, and from the runs that are shown', () => {
  const definitions = {
    flows: [{ name: 'load', terms: { owners: ['team:web'] } }],
    tasks: [{ name: 'load', terms: {} }],
    jobs: [{ name: 'nightly', tags: { tier: '1' }, terms: {} }],
    assets: [{ name: 'raw/orders', owners: ['team:data'] }],
    schedules: [{ name: 'at_two', tags: { urgent: '' } }],
  }
  const locations = [{ name: 'eu', version: '1', definitions }] as unknown as readonly Location[]
  const runs = [{ job: 'gone', owners: ['team:old'], tags: { tier: '2' } }]
  expect(queryVocabulary(locations, runs)).toEqual({
    jobs: ['gone', 'nightly'],
    assets: ['raw/orders'],
    names: ['load'],
    owners: ['team:data', 'team:old', 'team:web'],
    tags: ['tier=1', 'tier=2', 'urgent'],
  })
})
