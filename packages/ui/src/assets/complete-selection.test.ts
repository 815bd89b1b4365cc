import { parseSelection } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { type Vocabulary, completions } from './complete-selection.ts'

const words: Vocabulary = {
  assets: [
    { name: 'raw/orders', group: 'raw', owners: ['team:ingest'], tags: { tier: 'gold', pii: '' }, kinds: ['dbt'] },
    { name: 'marts/revenue', group: 'my marts', columns: [{ name: 'cents' }] },
    { name: 'odd name', group: 'raw', tags: { tier: '1' } },
  ],
  jobs: ['nightly'],
  schedules: ['at_two'],
  sensors: ['inbox'],
  locations: ['eu'],
}
/** `|` is where the text cursor is. What the choices come to, each as the whole text. */
const offered = (marked: string): string[] => {
  const caret = marked.indexOf('|')
  const text = marked.replace('|', '')
  return completions(text, caret, words).map(({ insert, from, to }) => text.slice(0, from) + insert + text.slice(to))
}

describe('what may stand at the text cursor', () => {
  test.each([
    ['group:|', ['group:"my marts"', 'group:raw', 'group:<null>']],
    ['gr|', ['group:']],
    ['group:my|', ['group:"my marts"']],
    ['group:"my|"', ['group:"my marts"']],
    ['key:rev| and group:raw', ['key:marts/revenue and group:raw']],
    ['owner:|', ['owner:"team:ingest"', 'owner:<null>']],
    ['tag:t|', ['tag:tier']],
    ['tag:tier=|', ['tag:tier="1"', 'tag:tier=gold']],
    ['status:in|', ['status:"in progress"', 'status:missing']],
    ['is:e|', ['is:external', 'is:materializable']],
    ['job:|', ['job:nightly']],
    ['group:raw |', ['group:raw and ', 'group:raw or ', 'group:raw and not ']],
    ['group:raw a|', ['group:raw and ', 'group:raw and not ']],
    ['reven|', ['marts/revenue']],
    ['++reven|+', ['++marts/revenue+']],
    ['group:raw and reven|', ['group:raw and key:marts/revenue']],
    ['odd|', ['key:"odd name"']],
    ['nothing_like_it|', []],
  ])('%s', (marked, texts) => expect(offered(marked)).toEqual(texts))

  test('at the beginning and behind an operator: everything that can be asked', () => {
    for (const marked of ['|', 'group:raw and |', 'not |', 'sinks(|', '+|'])
      expect([marked, offered(marked).length]).toEqual([marked, 16])
  })

  test('every value that is offered can be read', () => {
    for (const marked of ['group:|', 'owner:|', 'tag:|', 'tag:tier=|', 'key:|', 'status:|', 'column:|', 'o|'])
      for (const text of offered(marked).filter((one) => !/[:(]$/.test(one))) {
        if (/^(?:not|or|owner|)\s*$/.test(text)) continue
        expect(() => parseSelection(text)).not.toThrow()
      }
  })
})
