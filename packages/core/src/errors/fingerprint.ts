import type { Run } from '../runs/run.ts'
import type { StoredError } from '../values/stored.ts'
import { hash } from '../values/hash.ts'
import { framesOf, reasonOf } from './frames.ts'

/** What in a message is of one case only: ids, numbers, quoted names, times. */
const masked = (message: string): string =>
  message
    .replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`/g, '"…"')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?=\w*\d)\w{12,}\b/gi, '#')
    .replaceAll(/\d+(?:[.:,-]\d+)*/g, '#')

/**
 * What makes two failures the same: the code, where in the person's own code it happened (functions and files, without
 * lines, which move), and the message without what is of one case; as a hash. One outage is one; two bugs in one
 * function are two.
 */
export function fingerprint(error: StoredError): string {
  const { code, name, message, ...rest } = reasonOf(error)
  const where = framesOf(rest)
    .filter(({ own }) => own)
    .map(({ text }) => text.replaceAll(/:\d+:\d+/g, ''))
  return hash([code, name, masked(message), ...where].join('\n'))
}

export interface Failures {
  readonly key: string
  /** The newest. */
  readonly error: StoredError
  /** The newest first. */
  readonly runs: readonly Run[]
  readonly owners: readonly string[]
}

/** The newest of each that was asked for the same: several of those would do the same again. */
export const newestOfEach = ({ runs }: Pick<Failures, 'runs'>): Run[] =>
  Map.groupBy(runs, ({ job, name, params, target }) =>
    JSON.stringify([job, name, params, 'partitions' in target ? target.partitions : null]),
  )
    .values()
    .map(([newest]) => newest!)
    .toArray()

/** Failed runs by what broke them, what broke last first. */
export function groupFailures(runs: readonly Run[]): Failures[] {
  const failed = runs.filter(({ error }) => error !== null)
  const groups = Map.groupBy(failed, ({ error }) => fingerprint(error!))
  return [...groups].map(([key, own]) => ({
    key,
    error: reasonOf(own[0]!.error!),
    runs: own,
    owners: [...new Set(own.flatMap(({ owners }) => owners))],
  }))
}
