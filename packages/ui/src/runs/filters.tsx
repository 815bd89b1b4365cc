import type { Run } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { definitionsQuery } from '../definitions/queries.ts'
import { Button } from '../elements/button.tsx'
import { Combobox } from '../elements/combobox.tsx'
import { StateIcon } from '../elements/state.tsx'
import { minuteTime } from '../elements/time-text.ts'
import { useZone } from '../elements/time.tsx'
import { type QueryCompletion, queryCompletions, queryVocabulary } from './complete-query.ts'
import { parseQuery, queryText } from './query-text.ts'
import { type RunsSearch, type Span, given, spans } from './search.ts'
import { activeStates } from './words.ts'

const groups = [
  { word: 'All', states: undefined },
  { word: 'Active', states: activeStates },
  { word: 'Failed', states: ['failed', 'crashed'] },
  { word: 'Succeeded', states: ['succeeded'] },
  { word: 'Canceled', states: ['canceled'] },
] as const

const spanWords: Readonly<Record<Span, string>> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
}

interface FiltersProps {
  readonly search: RunsSearch
  /** Those that are shown: what they have may be asked for. */
  readonly runs: readonly Run[]
  readonly change: (search: RunsSearch) => void
}

/** What is asked for: it is all in the address. */
export function Filters({ search, runs, change }: FiltersProps) {
  const text = queryText(search)
  const [typed, setTyped] = useState(text)
  // The address may change otherwise: a link, the way back.
  useEffect(() => setTyped((now) => (queryText(parseQuery(now)) === text ? now : text)), [text])
  // What is typed just now counts, whatever else is changed.
  const put = (part: { [K in keyof RunsSearch]: RunsSearch[K] | undefined }, now = typed): void =>
    change(given({ ...search, ...nothing, ...parseQuery(now), ...part }))
  const zone = useZone()
  const isStretch = search.from !== undefined || search.to !== undefined
  const chosen = search.states?.join(',')
  return (
    <div role="search" className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2">
      <div role="group" aria-label="State" className="flex overflow-hidden rounded-md border border-edge">
        {groups.map(({ word, states }) => (
          <button
            key={word}
            type="button"
            aria-pressed={chosen === states?.join(',')}
            onClick={() => put({ states })}
            className="flex h-6.5 items-center gap-1.5 px-2.5 text-muted hover:bg-hover aria-pressed:bg-chosen aria-pressed:font-semibold aria-pressed:text-text"
          >
            <span className="max-sm:hidden">
              {states ? <StateIcon state={states.length > 2 ? 'waiting' : states[0]} size={13} /> : null}
            </span>
            {word}
          </button>
        ))}
      </div>
      <QueryBar text={text} typed={typed} setTyped={setTyped} runs={runs} ask={(now) => put({}, now)} />
      <select
        aria-label="Time"
        className="field"
        value={isStretch ? 'stretch' : (search.since ?? '')}
        onChange={({ target }) =>
          put({ since: target.value === '' ? undefined : (target.value as Span), from: undefined, to: undefined })
        }
      >
        {isStretch ? <option value="stretch">{stretchText(search, zone)}</option> : null}
        <option value="">Any time</option>
        {(Object.keys(spans) as Span[]).map((span) => (
          <option key={span} value={span}>
            {spanWords[span]}
          </option>
        ))}
      </select>
      {Object.keys(search).length > 0 ? (
        <Button
          look="quiet"
          icon={<X size={14} aria-hidden />}
          onClick={() => {
            setTyped('')
            change({})
          }}
        >
          Clear
        </Button>
      ) : null}
    </div>
  )
}

const stretchText = ({ from, to }: RunsSearch, zone: string): string =>
  [from, to].map((at) => (at === undefined ? '…' : minuteTime(at, zone))).join(' to ')

interface QueryBarProps extends Pick<FiltersProps, 'runs'> {
  /** What is asked for. */
  readonly text: string
  readonly typed: string
  readonly setTyped: (typed: string) => void
  readonly ask: (typed: string) => void
}

/** One field for everything that is typed; what may be typed is offered. */
function QueryBar({ text, typed, setTyped, runs, ask }: QueryBarProps) {
  const [at, setAt] = useState(text.length)
  const [caret, setCaret] = useState<number>()
  const [isUsed, setUsed] = useState(false)
  const { data: locations = none } = useQuery({ ...definitionsQuery, enabled: isUsed })
  const words = useMemo(() => queryVocabulary(locations, runs), [locations, runs])
  const choices = useMemo(() => queryCompletions(typed, at, words), [typed, at, words])
  const isSame = queryText(parseQuery(typed)) === text
  useEffect(() => {
    if (isSame) return
    const timer = setTimeout(() => ask(typed), 300)
    return () => clearTimeout(timer)
  })
  const type = (now: string, where: number, next?: number): void => {
    setTyped(now)
    setAt(where)
    setCaret(next)
  }
  const take = ({ insert, from, to }: QueryCompletion): void => {
    const end = from + insert.length
    type(typed.slice(0, from) + insert + typed.slice(to), end, end)
  }
  return (
    <div className="min-w-48 flex-1" onFocus={() => setUsed(true)}>
      <Combobox
        label="Query"
        placeholder="A name, an id, state:failed, owner:team:data, job:nightly, asset:raw/orders, tag:tier=1"
        text={typed}
        caret={caret}
        setText={type}
        choices={choices}
        take={take}
        enter={() => ask(typed)}
      />
    </div>
  )
}

const none: readonly never[] = []
const nothing = {
  states: undefined,
  text: undefined,
  job: undefined,
  asset: undefined,
  tag: undefined,
  owner: undefined,
}
