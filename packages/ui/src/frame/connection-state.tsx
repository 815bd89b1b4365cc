import { Radio, RefreshCw, Unplug } from 'lucide-react'
import { useConnection } from './connection.ts'

const words = {
  connecting: {
    word: 'Connecting',
    says: 'What is shown may be old for a moment.',
    icon: RefreshCw,
    color: 'text-warn',
  },
  live: { word: 'Live', says: 'What happens is shown as it happens.', icon: Radio, color: 'text-good' },
  polling: {
    word: 'Every 5 s',
    says: 'No stream comes through; the server is asked instead.',
    icon: RefreshCw,
    color: 'text-warn',
  },
  offline: {
    word: 'No answer',
    says: 'The server does not answer; it is asked again.',
    icon: Unplug,
    color: 'text-bad',
  },
} as const

/** Whether what is shown is true now. */
export function ConnectionState() {
  const { word, says, icon: Icon, color } = words[useConnection()]
  return (
    <p role="status" title={says} className="flex items-center gap-2">
      <Icon size={14} aria-hidden className={color} />
      {word}
    </p>
  )
}
