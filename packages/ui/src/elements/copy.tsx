import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'

/** Copies a text, and says that it did. */
export function CopyButton({
  text,
  label,
  word,
}: {
  readonly text: string
  readonly label: string
  readonly word?: string
}) {
  const [done, setDone] = useState(false)
  const copy = async (): Promise<void> => {
    await copyText(text)
    setDone(true)
    setTimeout(() => setDone(false), 1500)
  }
  const icon = done ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />
  return (
    <Button
      look="quiet"
      icon={icon}
      {...(word === undefined && { 'aria-label': done ? 'Copied' : label })}
      title={label}
      onClick={() => void copy()}
    >
      {word === undefined ? null : done ? 'Copied' : word}
    </Button>
  )
}

async function copyText(text: string): Promise<void> {
  // Pages that are neither from this machine nor encrypted have no clipboard of their own.
  if (navigator.clipboard) return await navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  // oxlint-disable-next-line typescript/no-deprecated -- there is no other way on such a page
  document.execCommand('copy')
  area.remove()
}

/** A command that can be copied. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div className="flex items-center gap-2 rounded-md border border-line bg-canvas py-0.5 pr-1 pl-3">
      <code className="min-w-0 flex-1 overflow-x-auto py-1 font-mono text-xs whitespace-pre" tabIndex={0}>
        {text}
      </code>
      <CopyButton text={text} label={`Copy: ${text}`} />
    </div>
  )
}
