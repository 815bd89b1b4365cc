import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { StateIcon, states as stateWords } from '../elements/state.tsx'
import { type RunsSearch, type Span, given, spans } from './search.ts'
import { activeStates } from './words.ts'

const groups = [
  { word: 'All', states: undefined },
  { word: 'Active', states: activeStates },
  { word: 'Failed', states: ['failed', 'crashed'] },
  { word: 'Succeeded', states: ['succeeded'] },
  { word: 'Canceled', states: ['canceled'] },
] as const

const texts = [
  ['text', 'Name or id', 'w-32'],
  ['job', 'Job', 'w-18'],
  ['asset', 'Asset', 'w-24'],
  ['tag', 'Tag', 'w-18'],
  ['owner', 'Owner', 'w-22'],
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
      {texts.map(([name, label, width]) => (
        <TextFilter
          key={name}
          label={label}
          width={width}
          value={search[name] ?? ''}
          put={(value) => put({ [name]: value === '' ? undefined : value })}
        />
      ))}
      <select
        aria-label="Time"
        className="field"
        value={search.since ?? ''}
        onChange={({ target }) => put({ since: target.value === '' ? undefined : (target.value as Span) })}
      >
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

interface TextFilterProps {
  readonly label: string
  readonly width: string
  readonly value: string
  readonly put: (value: string) => void
}

function TextFilter({ label, width, value, put }: TextFilterProps) {
  const [typed, setTyped] = useState(value)
  // The address may change otherwise: a link, the way back.
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => put(typed), 250)
    return () => clearTimeout(timer)
  })
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      className={`field ${width}`}
    />
  )
}
