import { SluiceError } from '@sluice/core'
import { CircleX, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Command } from './copy.tsx'

/** Where there is nothing to show: why, and what makes something. */
export function Empty(props: {
  readonly title: string
  readonly children?: ReactNode
  readonly commands?: readonly string[]
}) {
  const { title, children, commands = [] } = props
  return (
    <div className="flex w-full max-w-[min(36rem,94vw)] flex-col gap-2 px-4 py-10 sm:mx-auto">
      <p className="text-base font-semibold">{title}</p>
      {children === undefined ? null : <div className="text-muted">{children}</div>}
      {commands.map((text) => (
        <Command key={text} text={text} />
      ))}
    </div>
  )
}

/** What went wrong, what to do, and once more; what was there before stays where it is. */
export function Problem({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const { code, message, hint } =
    error instanceof SluiceError ? error : { code: 'INTERNAL', message: String(error), hint: '' }
  return (
    <div role="alert" className="flex items-start gap-3 border-l-3 border-bad bg-surface px-3 py-2">
      <CircleX size={16} aria-hidden className="mt-0.5 shrink-0 text-bad" />
      <div className="min-w-0 flex-1">
        <p className="break-words">
          <span className="font-mono text-xs font-semibold text-bad">{code}</span> {message}
        </p>
        {hint ? <p className="break-words text-muted">{hint}</p> : null}
      </div>
      {retry ? (
        <Button icon={<RotateCw size={14} aria-hidden />} onClick={retry}>
          Try again
        </Button>
      ) : null}
    </div>
  )
}

/** Something is being read that was not here before. It says so late, as it is mostly there at once. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p role="status" className="px-4 py-6 text-muted">
      Reading {what}…
    </p>
  )
}
