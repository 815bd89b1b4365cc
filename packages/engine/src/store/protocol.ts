import type { Store } from './ports.ts'
import type { PackedAnswer, PackedError, PackedItem, PackedStep } from './wire.ts'

export type Nouns = Omit<Store, 'commit' | 'close'>

/** Every read there is: what may be asked for over a channel. */
export const reads = {
  runs: { get: true, find: true, list: true, active: true, resumable: true },
  steps: { list: true, get: true, counts: true },
  assets: { latest: true, history: true, partitions: true, summary: true },
  checks: { latest: true, ofRun: true },
  partitions: { keys: true },
  cache: { get: true },
  events: { list: true },
  logs: { list: true, counts: true },
  values: { collectable: true, live: true },
} as const satisfies { [Noun in keyof Nouns]: { [Method in keyof Nouns[Noun]]: true } }

export type ReadRequest = readonly ['read', id: number, noun: string, method: string, args: readonly unknown[]]
/** Several go in one message, in order. */
export type Request = readonly ['commit', id: number, items: readonly PackedItem[]] | ReadRequest

export type Response =
  | readonly ['committed', of: readonly (readonly [id: number, refused: PackedAnswer])[]]
  | readonly ['rows', id: number, value: unknown]
  | readonly ['steps', id: number, steps: readonly PackedStep[]]
  | readonly ['failed', id: number, error: PackedError]
