import type { ReactNode } from 'react'
import { classes } from './classes.ts'

interface PanelProps {
  readonly title: ReactNode
  readonly aside?: ReactNode
  readonly children: ReactNode
  readonly flush?: boolean
}

/** A part of a page with a heading. */
export function Panel({ title, aside, children, flush = false }: PanelProps) {
  return (
    <section className="overflow-hidden rounded-lg border border-line bg-surface">
      <header className="flex min-h-9 flex-wrap items-center justify-between gap-x-3 border-b border-line px-3 py-1">
        <h2 className="font-semibold">{title}</h2>
        {aside === undefined ? null : <div className="flex items-center gap-2 text-muted">{aside}</div>}
      </header>
      <div className={classes(!flush && 'p-3')}>{children}</div>
    </section>
  )
}

/** The top of a page: what it is, and what can be done. */
export function PageHeader({ title, children }: { readonly title: ReactNode; readonly children?: ReactNode }) {
  return (
    <header className="flex min-h-12 shrink-0 flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line bg-surface px-4 py-2">
      <h1 className="min-w-0 truncate text-lg font-semibold">{title}</h1>
      {children === undefined ? null : <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  )
}

/** Facts by name. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  const given = facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
  return (
    <dl className="grid grid-cols-[minmax(90px,max-content)_1fr] gap-x-4 gap-y-1">
      {given.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
