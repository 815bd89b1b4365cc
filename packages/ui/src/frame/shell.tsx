import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { SluiceError } from '@sluice/core'
import { CircleHelp, Search } from 'lucide-react'
import { Suspense, lazy, useEffect, useRef, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Choices } from './choices.tsx'
import { ConnectionState } from './connection-state.tsx'
import { places } from './places.ts'
import { healthQuery } from './session.ts'
import { moveRow, useKeys } from './shortcuts.ts'
import { SignIn } from './sign-in.tsx'
import icon from './icon.svg'

const loadPalette = () => import('./palette.tsx')
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }))
const Help = lazy(async () => ({ default: (await import('./help.tsx')).Help }))

/** The frame: places at the left, what was chosen at the right. */
export function Shell() {
  const navigate = useNavigate()
  const [opened, setOpened] = useState<'palette' | 'help' | null>(null)
  const nav = useRef<HTMLElement>(null)
  const path = useRouterState({ select: ({ location }) => location.pathname })
  useEffect(() => {
    // On a phone not all places fit: the one where one is does. In braces: what newer browsers answer ends no effect.
    nav.current?.querySelector('[aria-current=page]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [path])
  const { error } = useQuery(healthQuery)
  useKeys({
    ...Object.fromEntries(places.map(({ key, to }) => [`g ${key}`, () => void navigate({ to })])),
    'mod+k': () => setOpened('palette'),
    '/': () => setOpened('palette'),
    '?': () => setOpened('help'),
    j: () => moveRow(1),
    k: () => moveRow(-1),
  })
  useEffect(() => {
    // Before it is asked for: what is typed behind Ctrl+K must find it open.
    const timer = setTimeout(() => void loadPalette().catch(() => {}), 1000)
    return () => clearTimeout(timer)
  }, [])
  if (error instanceof SluiceError && error.code === 'UNAUTHORIZED') return <SignIn />
  const close = (): void => setOpened(null)
  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-10"
      >
        Skip to the page
      </a>
      <div className="flex shrink-0 items-center border-b border-line bg-surface md:w-48 md:flex-col md:items-stretch md:border-r md:border-b-0">
        <Link to="/" className="flex items-center gap-2 px-3 py-3 text-base font-semibold">
          <img src={icon} alt="" width={22} height={22} /> <span className="hidden md:inline">Sluice</span>
        </Link>
        <Button
          className="mx-2 md:mb-2 md:justify-start"
          onClick={() => setOpened('palette')}
          icon={<Search size={14} aria-hidden />}
        >
          <span className="sr-only text-left text-muted md:not-sr-only md:flex-1">Search</span>
          <kbd aria-hidden className="hidden font-mono text-xs text-muted md:inline">
            Ctrl K
          </kbd>
        </Button>
        <nav
          ref={nav}
          aria-label="Places"
          className="flex min-w-0 flex-1 overflow-x-auto md:flex-col md:gap-px md:px-2"
        >
          {places.map(({ to, word, icon: Icon }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: to === '/', includeSearch: false }}
              className="flex h-8 shrink-0 items-center gap-2.5 rounded-md px-2 text-muted hover:bg-hover hover:text-text aria-[current=page]:bg-chosen aria-[current=page]:font-semibold aria-[current=page]:text-text"
            >
              <Icon size={16} aria-hidden />
              {word}
            </Link>
          ))}
        </nav>
        <div className="hidden flex-col gap-2 border-t border-line p-3 md:flex">
          <ConnectionState />
          <Choices />
          <Button
            look="quiet"
            className="justify-start px-0"
            icon={<CircleHelp size={14} aria-hidden />}
            onClick={() => setOpened('help')}
          >
            Keys and help <kbd className="font-mono text-xs">?</kbd>
          </Button>
        </div>
      </div>
      <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col overflow-y-auto outline-none">
        <Outlet />
      </main>
      <Suspense>
        {opened === 'palette' ? <Palette close={close} help={() => setOpened('help')} /> : null}
        {opened === 'help' ? <Help close={close} /> : null}
      </Suspense>
    </div>
  )
}
