import type { RunId } from '../runs/run.ts'
import type { Json } from '../values/json.ts'
import type { StoredValue } from '../values/stored.ts'

/** A typed fact about a materialization: what lists print and screens plot. */
export type MetadataValue =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'text' | 'markdown' | 'url' | 'path'; readonly value: string }
  | { readonly type: 'json'; readonly value: Json }
  | { readonly type: 'timestamp'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'table'; readonly rows: readonly Readonly<Record<string, Json>>[] }
  | {
      readonly type: 'schema'
      readonly columns: readonly { readonly name: string; readonly type: string; readonly description?: string }[]
    }
  | {
      readonly type: 'columnLineage'
      readonly columns: Readonly<Record<string, readonly { readonly asset: string; readonly column: string }[]>>
    }
  | { readonly type: 'image'; readonly mediaType: string; /** base64 */ readonly data: string }

export type Metadata = Readonly<Record<string, MetadataValue>>

/** One time that an asset (a partition of it) was made, or was looked at (`observation`). */
export interface Materialization {
  /** Given by the store, in commit order; 0 before. */
  readonly id: number
  /** `wiped`: it was one of these, and counts no more (`sluice assets wipe --history keep`). */
  readonly kind: 'materialization' | 'observation' | 'wiped'
  readonly asset: string
  readonly partition: string | null
  readonly run: RunId
  readonly step: number
  readonly attempt: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** `null` for an observation, a view, and an asset that returns nothing. */
  readonly value: StoredValue | null
  readonly dataVersion: string
  readonly codeVersion: string | null
  /**
   * The data version of each input it was made from: `upstream` or `upstream|partition` to version, `upstream` to `''`
   * where there was nothing of it. `null`: not known, as where something else made it and only said so.
   */
  readonly inputVersions: Readonly<Record<string, string>> | null
  readonly metadata: Metadata
}
