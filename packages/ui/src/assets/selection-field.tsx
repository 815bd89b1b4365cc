import { type SluiceError, parseSelection } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { type SubmitEvent, useEffect, useId, useMemo, useState } from 'react'
import { assetsOf, definitionsQuery } from '../definitions/queries.ts'
import { Button } from '../elements/button.tsx'
import { Combobox } from '../elements/combobox.tsx'
import { type Completion, type Vocabulary, completions } from './complete-selection.ts'

interface SelectionFieldProps {
  readonly selection: string
  readonly choose: (selection: string) => void
}

/** What is wrong with a selection, with a caret under the character; `null`: it can be read. */
export function mistakeOf(selection: string): SluiceError | null {
  if (selection.trim() === '') return null
  try {
    parseSelection(selection)
    return null
  } catch (error) {
    return error as SluiceError
  }
}

/** The selection that a page is about: what may be typed is offered, and what cannot be read is pointed at. */
export function SelectionField({ selection, choose }: SelectionFieldProps) {
  const [text, setText] = useState(selection)
  const [at, setAt] = useState<number>(selection.length)
  const [caret, setCaret] = useState<number>()
  const [refused, setRefused] = useState(selection)
  const problem = useId()
  useEffect(() => {
    setText(selection)
    setRefused(selection)
  }, [selection])
  const words = useVocabulary()
  const choices = useMemo(() => completions(text, at, words), [text, at, words])
  // Said when it was sent, not while it is being typed.
  const mistake = refused === text ? mistakeOf(text) : null
  const submit = (event?: SubmitEvent): void => {
    event?.preventDefault()
    setRefused(text)
    if (mistakeOf(text) === null) choose(text.trim())
  }
  const take = ({ insert, from, to }: Completion): void => {
    setText(text.slice(0, from) + insert + text.slice(to))
    // `sinks()`: what is selected comes between.
    const end = from + insert.length - (insert.endsWith('()') ? 1 : 0)
    setAt(end)
    setCaret(end)
  }
  return (
    <form role="search" onSubmit={submit} className="border-b border-line bg-surface px-4 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <Combobox
          label="Selection"
          placeholder={'Selection: group:marts, raw/*, +marts/revenue, owner:"team:data", status:stale'}
          text={text}
          caret={caret}
          setText={(typed, where) => {
            setCaret(undefined)
            setText(typed)
            setAt(where)
          }}
          choices={choices}
          take={take}
          enter={() => submit()}
          isInvalid={mistake !== null}
          describedBy={mistake ? problem : undefined}
          className="min-w-0 flex-1"
        />
        <Button type="submit">Select</Button>
        {selection === '' ? null : (
          <Button look="quiet" onClick={() => choose('')}>
            Clear
          </Button>
        )}
      </div>
      {mistake ? (
        <div id={problem} role="alert" className="mt-2 border-l-3 border-bad px-3">
          <pre className="overflow-x-auto font-mono text-xs text-bad">{mistake.message}</pre>
          <p className="text-muted">{mistake.hint}</p>
        </div>
      ) : null}
    </form>
  )
}

function useVocabulary(): Vocabulary {
  const { data } = useQuery(definitionsQuery)
  return useMemo(() => {
    const locations = data ?? []
    const named = (of: (one: (typeof locations)[number]['definitions']) => readonly { readonly name: string }[]) => [
      ...new Set(locations.flatMap(({ definitions }) => of(definitions).map(({ name }) => name))),
    ]
    return {
      assets: assetsOf(locations),
      jobs: named(({ jobs }) => jobs),
      schedules: named(({ schedules }) => schedules),
      sensors: named(({ sensors }) => sensors),
      locations: locations.map(({ name }) => name),
    }
  }, [data])
}
