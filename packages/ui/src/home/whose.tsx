import { Link } from '@tanstack/react-router'
import { useSettings } from '../frame/settings.ts'

const one =
  'flex h-6.5 items-center px-2.5 text-muted hover:bg-hover aria-pressed:bg-chosen aria-pressed:font-semibold aria-pressed:text-text'

interface WhoseProps {
  readonly owner: string | undefined
  readonly owners: readonly string[]
  readonly choose: (owner: string | undefined) => void
}

/** Mine, my team's, all: an owner as Settings have it, or any other. What is chosen is in the address. */
export function Whose({ owner, owners, choose }: WhoseProps) {
  const { me, team } = useSettings()
  const known = [...new Set([...owners, ...(owner === undefined ? [] : [owner])])]
  const buttons = [
    ['Mine', me],
    ['Team', team],
    ['All', undefined],
  ] as const
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div role="group" aria-label="Whose" className="flex overflow-hidden rounded-md border border-edge">
        {buttons.map(([word, whose]) =>
          whose === '' ? (
            <Link key={word} to="/settings" title="Settings say who you are" className={one}>
              {word}…
            </Link>
          ) : (
            <button
              key={word}
              type="button"
              aria-pressed={owner === whose}
              onClick={() => choose(whose)}
              className={one}
            >
              {word}
            </button>
          ),
        )}
      </div>
      <select
        aria-label="Owner"
        className="field"
        value={owner ?? ''}
        onChange={({ target }) => choose(target.value === '' ? undefined : target.value)}
      >
        <option value="">everybody</option>
        {known.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </div>
  )
}
