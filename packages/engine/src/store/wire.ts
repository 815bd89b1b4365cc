import { SluiceError } from '@sluice/core'
import type { Change, Committed, DropCode, Together } from './changes.ts'
import { type PackedSteps, packSteps, unpackSteps } from './packed-steps.ts'

/** Changes in their order. `step.record`s that follow each other are one part; other changes are sent as they are. */
export type PackedChanges = readonly PackedPart[]
type PackedPart = { readonly epochs: number | readonly number[]; readonly steps: PackedSteps } | PackedItem
type PackedItem = Exclude<Change, StepRecord> | { readonly together: PackedChanges }
type StepRecord = Extract<Change, { change: 'step.record' }>

export function packChanges(items: readonly (Change | Together)[]): PackedChanges {
  const parts: PackedPart[] = []
  let records: StepRecord[] = []
  const flush = (): void => {
    if (records.length > 0) parts.push(packRecords(records))
    records = []
  }
  for (const item of items) {
    if (!('change' in item)) {
      flush()
      parts.push({ together: packChanges(item) })
    } else if (item.change === 'step.record') records.push(item)
    else {
      flush()
      parts.push(item)
    }
  }
  flush()
  return parts
}

function packRecords(records: readonly StepRecord[]): PackedPart {
  const { epoch } = records[0]!
  return {
    epochs: records.every((record) => record.epoch === epoch) ? epoch : records.map((record) => record.epoch),
    steps: packSteps(records.map(({ step }) => step)),
  }
}

export function unpackChanges(parts: PackedChanges): (Change | Together)[] {
  const items: (Change | Together)[] = []
  for (const part of parts) {
    if ('together' in part) items.push(unpackChanges(part.together) as Change[])
    else if ('change' in part) items.push(part)
    else {
      const { epochs } = part
      for (const [n, step] of unpackSteps(part.steps).entries())
        items.push({ change: 'step.record', epoch: typeof epochs === 'number' ? epochs : epochs[n]!, step })
    }
  }
  return items
}

/** Only what was refused, by place: an answer to a thousand changes is a few bytes. */
export type PackedAnswer = readonly (readonly [place: number, code: DropCode])[]

export function packAnswer(committed: readonly Committed[]): PackedAnswer {
  const refused: [number, DropCode][] = []
  for (const [place, one] of committed.entries()) if (!one.ok) refused.push([place, one.code])
  return refused
}

const ok: Committed = Object.freeze({ ok: true })

export function unpackAnswer(count: number, refused: PackedAnswer): Committed[] {
  const committed = new Array<Committed>(count).fill(ok)
  for (const [place, code] of refused) committed[place] = { ok: false, code }
  return committed
}

export interface PackedError {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly retryable: boolean
  readonly data: Readonly<Record<string, unknown>> | undefined
  readonly cause: string | undefined
}

export function packError(error: unknown): PackedError {
  const known = error instanceof SluiceError ? error : null
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return {
    code: known?.code ?? 'INTERNAL',
    message,
    hint: known?.hint,
    retryable: known?.retryable ?? false,
    data: known?.data,
    cause: known ? (known.cause instanceof Error ? known.cause.message : undefined) : stack,
  }
}

export function unpackError({ code, message, hint, retryable, data, cause }: PackedError): SluiceError {
  return new SluiceError(code as SluiceError['code'], message, {
    retryable,
    ...(hint !== undefined && { hint }),
    ...(data && { data }),
    ...(cause !== undefined && { cause: new Error(cause) }),
  })
}
