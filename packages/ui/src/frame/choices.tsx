import { Monitor, Moon, Sun } from 'lucide-react'
import { type Settings, changeSettings, useSettings } from './settings.ts'

const themes = [
  { theme: 'system', word: 'As the system', icon: Monitor },
  { theme: 'light', word: 'Light', icon: Sun },
  { theme: 'dark', word: 'Dark', icon: Moon },
] as const

const group = 'flex overflow-hidden rounded-md border border-edge'
const one =
  'flex h-6 min-w-7 grow items-center justify-center px-1.5 text-xs text-muted hover:bg-hover aria-pressed:bg-chosen aria-pressed:font-semibold aria-pressed:text-text'

/** The theme, and in which zone times are shown. */
export function Choices() {
  const { theme, zone } = useSettings()
  const local = new Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones: readonly [Settings['zone'], string, string][] = [
    ['local', 'Local', `Times of ${local}`],
    ['UTC', 'UTC', 'Times in UTC'],
    ['schedule', 'Schedule', `Times of a schedule in its own zone, all others in ${local}`],
  ]
  return (
    <>
      <div role="group" aria-label="Time zone" className={group}>
        {zones.map(([value, word, title]) => (
          <button
            key={value}
            type="button"
            title={title}
            aria-pressed={zone === value}
            className={one}
            onClick={() => changeSettings({ zone: value })}
          >
            {word}
          </button>
        ))}
      </div>
      <div role="group" aria-label="Theme" className={group}>
        {themes.map(({ theme: value, word, icon: Icon }) => (
          <button
            key={value}
            type="button"
            title={word}
            aria-label={word}
            aria-pressed={theme === value}
            className={one}
            onClick={() => changeSettings({ theme: value })}
          >
            <Icon size={14} aria-hidden />
          </button>
        ))}
      </div>
    </>
  )
}
