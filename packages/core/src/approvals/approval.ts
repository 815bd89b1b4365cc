import { calling } from '../calls/calling.ts'
import type { Out, Schema } from '../schema.ts'
import { type Duration, milliseconds } from '../time/duration.ts'

export interface ApprovalOptions<S> {
  /** What the person fills in. */
  readonly schema: S
  /** How long to wait; then it fails with `STEP_TIMEOUT`. Default: for ever. */
  readonly timeout?: Duration
  /** Who is asked: `team:ml` or an e-mail address. */
  readonly assignees?: readonly string[]
}

/** An approval as the engine gets it. */
export interface ApprovalRequest {
  readonly name: string
  readonly options: ApprovalOptions<Schema>
}

/**
 * Asks a person and waits for the answer, as a step: what was answered is journaled, and a replay does not ask again.
 * The answer fits `schema`, and `by` says whose it is.
 */
export function approval<S extends Schema>(
  name: string,
  options: ApprovalOptions<S>,
): Promise<Out<S> & { readonly by: string }> {
  if (options.timeout !== undefined) milliseconds(options.timeout)
  return calling(`approval('${name}')`).approval({ name, options }) as Promise<Out<S> & { readonly by: string }>
}
