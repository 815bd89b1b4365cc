import type { HistoryKind } from './changes.ts'

export interface OldQuery {
  readonly of: HistoryKind | 'runs'
  /** Milliseconds since 1970: what ended, or happened, before it. */
  readonly before: number
  /** Of events: those that a consumer has not read yet stay, where they are not older than this. */
  readonly unread?: number
  /** The `next` of the page before. */
  readonly after?: string | number
  /** How many rows are looked at. */
  readonly limit: number
}

export interface HistoryReads {
  /**
   * What may be deleted, of a page of rows in the order of their ids. Never what is current: the newest record of a slice,
   * the newest result of a check, the newest tick of a name, the newest event, anything of a run that is not over, and runs
   * that a kept retry or a parent which goes on refers to; of versions of code the active one, the one that it could go back
   * to, and what a run or a connected worker has. `next` is `null` behind the last page.
   */
  old(q: OldQuery): Promise<{ readonly ids: readonly (string | number)[]; readonly next: string | number | null }>
}
