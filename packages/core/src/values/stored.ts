import type { Json } from './json.ts'

/** A value as stored: its encoding in the row, or a reference that an IO manager reads. */
export type StoredValue =
  | { readonly inline: string }
  | { readonly io: string; readonly ref: Json; readonly bytes: number | null; readonly rows: number | null }

/** What remains of a thrown error: plain data. */
export interface StoredError {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly hint?: string
  /** The stack, its frames inside Sluice removed. */
  readonly stack?: string
  readonly cause?: StoredError
  /** Own properties of the error that could be stored, encoded. */
  readonly data?: string
}
