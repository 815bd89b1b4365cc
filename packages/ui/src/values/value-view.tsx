import type { StoredValue } from '@sluice/core'
import { CopyButton } from '../elements/copy.tsx'
import { bytesText, numberText } from '../elements/numbers.ts'
import { storedText } from './value-text.ts'

/** Text of a value, to be read and copied. */
export function ValueText({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div className="relative">
      <pre
        tabIndex={0}
        aria-label={label}
        className="max-h-64 overflow-auto rounded-md border border-line bg-canvas py-1.5 pr-9 pl-2.5 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {text}
      </pre>
      <span className="absolute top-0.5 right-0.5">
        <CopyButton label={`Copy ${label.toLowerCase()}`} text={text} />
      </span>
    </div>
  )
}

/** What was returned: its text, or where it is. */
export function Stored({ label, value }: { readonly label: string; readonly value: StoredValue }) {
  const text = storedText(value)
  if (text !== null) return <ValueText label={label} text={text} />
  const { io, rows, bytes } = value as Exclude<StoredValue, { inline: string }>
  const size = [rows === null ? '' : `${numberText(rows)} rows`, bytes === null ? '' : bytesText(bytes)]
  return (
    <p>
      {size.filter((one) => one !== '').join(', ') || 'A value'} <span className="text-muted">kept by {io}</span>
    </p>
  )
}
