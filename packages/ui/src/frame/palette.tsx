import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Boxes, CircleHelp, LogOut, type LucideIcon, Moon, Play } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { assetsOf, definitionsQuery, launchables } from '../definitions/queries.ts'
import { Dialog } from '../elements/dialog.tsx'
import { StateIcon } from '../elements/state.tsx'
import { Ago } from '../elements/time.tsx'
import { runTitle } from '../runs/words.ts'
import { client } from './client.ts'
import { best } from './match.ts'
import { places } from './places.ts'
import { signOut } from './session.ts'
import { changeSettings } from './settings.ts'

interface Item {
  readonly id: string
  readonly word: string
  readonly note: string
  readonly icon: LucideIcon
  readonly does: () => void
}

const itemClass =
  'flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2 data-[selected=true]:bg-chosen [&>svg]:text-muted'
const headingClass =
  '[&>[cmdk-group-heading]]:px-2 [&>[cmdk-group-heading]]:py-1.5 [&>[cmdk-group-heading]]:text-xs [&>[cmdk-group-heading]]:text-muted'

/** Finds anything by a few letters of its name, a run by the beginning of its id; and does things. */
export function Palette({ close, help }: { readonly close: () => void; readonly help: () => void }) {
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState('')
  const asked = useDeferredValue(text.trim())
  const { data: locations = [] } = useQuery(definitionsQuery)
  const { data: found } = useQuery({
    queryKey: ['runs', 'palette', asked],
    queryFn: ({ signal }) => client.runs.list({ limit: 8, ...(asked !== '' && { text: asked }) }, { signal }),
    placeholderData: keepPreviousData,
  })
  const items = useMemo((): Item[] => {
    const go: Item[] = places.map(({ to, word, icon, key }) => ({
      id: `go ${to}`,
      word: `Go to ${word}`,
      note: `g ${key}`,
      icon,
      does: () => void navigate({ to }),
    }))
    const acts: Item[] = [
      ...(['light', 'dark', 'system'] as const).map((theme) => ({
        id: `theme ${theme}`,
        word: `Theme: ${theme}`,
        note: 'setting',
        icon: Moon,
        does: () => changeSettings({ theme }),
      })),
      {
        id: 'utc',
        word: 'Show times in UTC',
        note: 'setting',
        icon: Moon,
        does: () => changeSettings({ zone: 'UTC' }),
      },
      {
        id: 'local',
        word: 'Show local times',
        note: 'setting',
        icon: Moon,
        does: () => changeSettings({ zone: 'local' }),
      },
      {
        id: 'schedule zone',
        word: 'Show times of schedules in their own zone',
        note: 'setting',
        icon: Moon,
        does: () => changeSettings({ zone: 'schedule' }),
      },
      { id: 'sign out', word: 'Sign out', note: 'session', icon: LogOut, does: () => void signOut() },
      { id: 'help', word: 'Keys and help', note: '?', icon: CircleHelp, does: help },
    ]
    const launch: Item[] = launchables(locations).map(({ location, kind, definition: { name } }) => ({
      id: `launch ${location} ${kind} ${name}`,
      word: `Launch ${name}`,
      note: kind,
      icon: Play,
      does: () => void navigate({ to: '/flows/$location/$kind/$name', params: { location, kind, name } }),
    }))
    const assets: Item[] = assetsOf(locations).map(({ name }) => ({
      id: `asset ${name}`,
      word: name,
      note: 'asset',
      icon: Boxes,
      does: () => void navigate({ to: '/assets/$', params: { _splat: name } }),
    }))
    return [...go, ...launch, ...assets, ...acts]
  }, [locations, navigate, help])
  const shown = useMemo(() => best(items, asked, ({ word }) => word, 40), [items, asked])
  // The best match is what Enter does, whatever was chosen among those before.
  const first = shown[0]?.id ?? found?.runs[0]?.id ?? ''
  useEffect(() => setChosen(first), [first, asked])
  const choose = (does: () => void): void => {
    close()
    does()
  }
  return (
    <Dialog title="Search" close={close} bare>
      <Command shouldFilter={false} label="Search" loop value={chosen} onValueChange={setChosen}>
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder="A name, the beginning of a run's id, something to do…"
          className="h-11 w-full border-b border-line bg-transparent px-4 text-base outline-none"
        />
        <Command.List className="max-h-[52vh] overflow-y-auto p-2">
          <Command.Empty className="px-2 py-6 text-muted">Nothing is called so.</Command.Empty>
          {shown.length === 0 ? null : (
            <Command.Group heading={asked === '' ? 'Places and things' : 'Best matches'} className={headingClass}>
              {(asked === '' ? shown.slice(0, 12) : shown).map(({ id, word, note, icon: Icon, does }) => (
                <Command.Item key={id} value={id} onSelect={() => choose(does)} className={itemClass}>
                  <Icon size={14} aria-hidden />
                  <span className="min-w-0 flex-1 truncate">{word}</span>
                  <span className="text-xs text-muted">{note}</span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
          {found && found.runs.length > 0 ? (
            <Command.Group heading="Runs" className={headingClass}>
              {found.runs.map((run) => (
                <Command.Item
                  key={run.id}
                  value={run.id}
                  className={itemClass}
                  onSelect={() => choose(() => void navigate({ to: '/runs/$run', params: { run: run.id } }))}
                >
                  <StateIcon state={run.state} />
                  <span className="min-w-0 flex-1 truncate">{runTitle(run)}</span>
                  <span className="font-mono text-xs text-muted">{run.id.slice(0, 9)}</span>
                  <span className="text-xs text-muted">
                    <Ago at={run.createdAt} />
                  </span>
                </Command.Item>
              ))}
            </Command.Group>
          ) : null}
        </Command.List>
      </Command>
    </Dialog>
  )
}
