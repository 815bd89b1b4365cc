import type { Change } from './changed.ts'

/** What is other than it was. */
export function ChangesList({ changes }: { readonly changes: readonly Change[] }) {
  if (changes.length === 0)
    return <p className="text-muted">Nothing that was recorded: code, params, environment and inputs are the same.</p>
  return (
    <dl className="flex flex-col gap-2">
      {changes.map(({ what, before, now }) => (
        <div key={what}>
          <dt className="font-medium">{what}</dt>
          <dd className="font-mono text-xs break-words">
            <del className="text-muted">{before}</del> <span aria-hidden>→</span>{' '}
            <ins className="no-underline">{now}</ins>
          </dd>
        </div>
      ))}
    </dl>
  )
}
