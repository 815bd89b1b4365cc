import type { Snapshot } from '../definitions/snapshot.ts'

/** One body of user code as the server knows it: which of its versions counts. */
export interface Location {
  readonly name: string
  /** The version that new runs, schedules and sensors use; `null` until one was activated. */
  readonly active: string | null
  /** Milliseconds since 1970; of the last activation. */
  readonly activatedAt: number | null
  /** Why newer code is not active: it could not be loaded. */
  readonly problem: LocationProblem | null
}

export interface LocationProblem {
  readonly code: string
  readonly message: string
  readonly hint?: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** The definitions of one code version: a snapshot in the history of its location. */
export interface LocationVersion {
  readonly location: string
  /** Hash of definitions, module graph and lockfile, or a build id. */
  readonly version: string
  readonly snapshot: Snapshot
  /** The files that were loaded, relative to the project's root. */
  readonly entries: readonly string[]
  readonly git: { readonly commit: string; readonly dirty: boolean; readonly message: string | null } | null
  /** Hashes of what it is made of: `code`, `config`, `lockfile`. Left out where nobody said. */
  readonly parts?: Readonly<Record<string, string>>
  /** SHA-256 of the uploaded bundle; `null` where workers bring the code. */
  readonly bundle: string | null
  /** Milliseconds since 1970. */
  readonly createdAt: number
}
