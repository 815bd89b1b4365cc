import { useNow } from '../frame/now.ts'
import { useSettings } from '../frame/settings.ts'
import { duration, fullTime, relative, shortTime, zoneOf } from './time-text.ts'

export function useZone(): string {
  return zoneOf(useSettings().zone)
}

const allOf = (at: number, now: number): string =>
  [...new Set([fullTime(at, zoneOf('local')), fullTime(at, 'UTC')]), relative(at, now)].join('\n')

/** A time with its zone; pointed at, all there is to say of it. */
export function Time({ at }: { readonly at: number }) {
  const now = useNow()
  const zone = useZone()
  return (
    <time dateTime={new Date(at).toISOString()} title={allOf(at, now)} className="whitespace-nowrap">
      {shortTime(at, now, zone)}
    </time>
  )
}

/** `3 min ago`, counting. */
export function Ago({ at }: { readonly at: number }) {
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} title={allOf(at, now)} className="whitespace-nowrap">
      {relative(at, now)}
    </time>
  )
}

/** How long it took, or has taken until now. */
export function Lasted({ from, to }: { readonly from: number; readonly to: number | null }) {
  return to === null ? <Counting from={from} /> : <span className="whitespace-nowrap">{duration(to - from)}</span>
}

function Counting({ from }: { readonly from: number }) {
  const now = useNow()
  const ms = Math.max(0, now - from)
  return <span className="whitespace-nowrap">{duration(Math.floor(ms / 1000) * 1000)}</span>
}
