import { type StoredError, framesOf } from '@sluice/core'
import { CircleX } from 'lucide-react'
import type { ReactNode } from 'react'
import { CopyButton } from '../elements/copy.tsx'

interface ErrorCardProps {
  readonly error: StoredError
  /** Where it happened. */
  readonly where?: ReactNode
}

/** An error as it was thrown: its whole message, the lines of the person's own code, then everything else. */
export function ErrorCard({ error, where }: ErrorCardProps) {
  const chain: StoredError[] = []
  for (let one: StoredError | undefined = error; one && chain.length < 10; one = one.cause) chain.push(one)
  return (
    <section aria-label="Error" className="rounded-lg border border-l-4 border-line border-l-bad bg-surface">
      <header className="flex items-center gap-2 px-3 pt-2">
        <CircleX size={16} aria-hidden className="shrink-0 text-bad" />
        <h2 className="min-w-0 flex-1 truncate font-semibold text-bad">
          {error.name}
          {error.code === 'STEP_FAILED' || error.code === error.name ? '' : ` ${error.code}`}
          {where === undefined ? null : <span className="font-normal text-muted"> in {where}</span>}
        </h2>
        <CopyButton label="Copy the error" text={chain.map(({ stack, message }) => stack ?? message).join('\n\n')} />
      </header>
      {chain.map((one, nth) => (
        <div key={nth} className="px-3 pb-2">
          {nth > 0 ? <p className="text-muted">caused by {one.name}</p> : null}
          <p className="font-mono text-sm break-words whitespace-pre-wrap">{one.message}</p>
          {one.hint === undefined ? null : <p className="mt-1">→ {one.hint}</p>}
          <Frames error={one} />
        </div>
      ))}
    </section>
  )
}

function Frames({ error }: { readonly error: StoredError }) {
  const frames = framesOf(error)
  const own = frames.filter((frame) => frame.own)
  const others = frames.filter((frame) => !frame.own)
  if (frames.length === 0) return null
  return (
    <div className="mt-1 font-mono text-xs">
      {own.map(({ text }, nth) => (
        <p key={nth} className="break-all">
          <span className="text-muted">at</span> {text}
        </p>
      ))}
      {others.length === 0 ? null : (
        <details className="text-muted">
          <summary className="w-fit py-0.5">
            {others.length} {others.length === 1 ? 'frame' : 'frames'} of Node and packages
          </summary>
          {others.map(({ text }, nth) => (
            <p key={nth} className="break-all">
              at {text}
            </p>
          ))}
        </details>
      )}
    </div>
  )
}
