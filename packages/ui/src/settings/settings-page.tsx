import { useQuery } from '@tanstack/react-query'
import { CircleCheck, LogOut, TriangleAlert } from 'lucide-react'
import { useId } from 'react'
import { assetsOf, definitionsQuery } from '../definitions/queries.ts'
import { Button } from '../elements/button.tsx'
import { Command } from '../elements/copy.tsx'
import { Problem } from '../elements/note.tsx'
import { Facts, PageHeader, Panel } from '../elements/panel.tsx'
import { Ago, Time } from '../elements/time.tsx'
import { Choices } from '../frame/choices.tsx'
import { ConnectionState } from '../frame/connection-state.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { healthQuery, signOut } from '../frame/session.ts'
import { changeSettings, useSettings } from '../frame/settings.ts'

/** Who you are to this browser, how things look, and the server that it looks at. */
export function SettingsPage() {
  usePageTitle('Settings')
  return (
    <>
      <PageHeader title="Settings" />
      <div className="grid max-w-4xl items-start gap-3 p-3 lg:grid-cols-2">
        <You />
        <Looks />
        <Server />
        <Access />
      </div>
    </>
  )
}

function You() {
  const id = useId()
  const { me, team } = useSettings()
  const { data: locations = [] } = useQuery(definitionsQuery)
  const owners = new Set(assetsOf(locations).flatMap(({ owners: its }) => its ?? []))
  return (
    <Panel title="You">
      <div className="flex flex-col gap-2">
        <p className="text-muted">
          What you call yourself among the owners of what runs. Home shows first what is yours; what you say you know of
          carries your name. It stays in this browser.
        </p>
        {(
          [
            ['me', 'You', me, 'ana@example.com'],
            ['team', 'Your team', team, 'team:data'],
          ] as const
        ).map(([name, word, value, placeholder]) => (
          <label key={name} className="flex items-center gap-2">
            <span className="w-20 text-muted">{word}</span>
            <input
              list={`${id}-owners`}
              className="field min-w-0 flex-1"
              placeholder={placeholder}
              value={value}
              maxLength={200}
              onChange={({ target }) => changeSettings({ [name]: target.value.trim() })}
            />
          </label>
        ))}
        <datalist id={`${id}-owners`}>
          {[...owners]
            .toSorted((a, b) => (a < b ? -1 : 1))
            .map((owner) => (
              <option key={owner} value={owner} />
            ))}
        </datalist>
      </div>
    </Panel>
  )
}

function Looks() {
  const { keys } = useSettings()
  return (
    <Panel title="How it looks">
      <div className="flex flex-col gap-3">
        <Choices />
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={keys} onChange={({ target }) => changeSettings({ keys: target.checked })} />
          Single keys do something (off: only Ctrl K)
        </label>
      </div>
    </Panel>
  )
}

function Server() {
  const { data, error, refetch } = useQuery(healthQuery)
  return (
    <Panel title="Server">
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {data ? (
        <div className="flex flex-col gap-2">
          {data.ok ? (
            <p className="flex items-center gap-1.5 text-good">
              <CircleCheck size={14} aria-hidden /> everything that it does by itself works
            </p>
          ) : (
            data.problems.map((problem) => (
              <p key={problem} className="flex items-center gap-1.5 text-warn">
                <TriangleAlert size={14} aria-hidden className="shrink-0" /> {problem}
              </p>
            ))
          )}
          <Facts
            facts={[
              ['Version', data.version],
              ['Address', location.origin],
              [
                'Started',
                <span key="at">
                  <Time at={data.startedAt} /> (<Ago at={data.startedAt} />)
                </span>,
              ],
              ['Workers', `${data.workers} connected here`],
              ['News', <ConnectionState key="it" />],
            ]}
          />
          <p className="text-muted">
            <a className="text-accent underline" href="/api/reference">
              Every route of the API
            </a>
          </p>
        </div>
      ) : null}
    </Panel>
  )
}

function Access() {
  return (
    <Panel title="Access">
      <div className="flex flex-col gap-2">
        <p className="text-muted">
          A server that was started with a token asks for it; without one it answers to this machine only. A new token
          ends all sessions. Programs send the same one:
        </p>
        <Command text={`curl -H "authorization: Bearer $SLUICE_TOKEN" ${location.origin}/api/runs`} />
        <p>
          <Button icon={<LogOut size={14} aria-hidden />} onClick={() => void signOut()}>
            Sign out
          </Button>
        </p>
      </div>
    </Panel>
  )
}
