import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { StateIcon, states as stateWords } from '../elements/state.tsx'
import { minuteTime } from '../elements/time-text.ts'
import { useZone } from '../elements/time.tsx'
import { type Query, parseQuery, queryText } from './query-text.ts'
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
  readonly change: (search: RunsSearch) => void
}

/** What is asked for: it is all in the address. */
export function Filters({ search, change }: FiltersProps) {
  const put = (part: { [K in keyof RunsSearch]: RunsSearch[K] | undefined }): void =>
    change(given({ ...search, ...part }))
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
            {states ? <StateIcon state={states.length > 2 ? 'waiting' : states[0]} size={13} /> : null}
            {word}
          </button>
        ))}
      </div>
      {chosen !== undefined && !groups.some(({ states }) => states?.join(',') === chosen) ? (
        <span className="text-muted">{search.states!.map((state) => stateWords[state].word).join(', ')}</span>
      ) : null}
      <QueryBar search={search} put={put} />
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
        <Button look="quiet" icon={<X size={14} aria-hidden />} onClick={() => change({})}>
          Clear
        </Button>
      ) : null}
    </div>
  )
}

const stretchText = ({ from, to }: RunsSearch, zone: string): string =>
  [from, to].map((at) => (at === undefined ? '…' : minuteTime(at, zone))).join(' to ')

interface QueryBarProps {
  readonly search: RunsSearch
  readonly put: (query: { [K in keyof Query]: Query[K] | undefined }) => void
}

/** One field for everything that is typed. */
function QueryBar({ search, put }: QueryBarProps) {
  const text = queryText(search)
  const [typed, setTyped] = useState(text)
  const isSame = queryText(parseQuery(typed)) === text
  // The address may change otherwise: a link, the way back.
  useEffect(() => setTyped((now) => (queryText(parseQuery(now)) === text ? now : text)), [text])
  const ask = (): void => {
    if (!isSame) put({ ...nothing, ...parseQuery(typed) })
  }
  useEffect(() => {
    if (isSame) return
    const timer = setTimeout(ask, 300)
    return () => clearTimeout(timer)
  })
  return (
    <input
      type="search"
      aria-label="Query"
      placeholder="A name, an id, owner:team:data, job:nightly, asset:raw/orders, tag:tier=1"
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      onKeyDown={({ key }) => {
        if (key === 'Enter') ask()
      }}
      className="field min-w-48 flex-1"
    />
  )
}

const nothing = { text: undefined, job: undefined, asset: undefined, tag: undefined, owner: undefined }
