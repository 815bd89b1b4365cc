import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, type Duration, type RunId, milliseconds } from '@sluice/core'
import type { Store } from '../store/ports.ts'
import { collectValues } from './collect-pass.ts'
import type { ValuePlaces } from './places.ts'

/** How long values are kept where the configuration does not say. */
export const KEPT: Duration = '30d'
/** How many values of a slice are kept where the configuration does not say: the latest, and the one before it. */
export const VERSIONS = 2

/** A run's process waits no longer than this for a batch to be begun. */
const MOMENT = 1_000
const DAY = 86_400_000

/**
 * What a run that ended well leaves behind: too many values of the slices that it made are deleted, and once a day what
 * is too old anywhere. Only where this process has values open already; what it does not get to, the next run does. It
 * never fails: a value too many is no reason to lose sight of a run's end.
 */
export async function collectAfterRun(given: {
  readonly store: Store
  readonly values: ValuePlaces
  readonly run: RunId
  readonly config: Pick<Config, 'keepValues' | 'keepVersions'>
  /** The project's `.sluice`. */
  readonly home: string
}): Promise<void> {
  const { store, values, run, config, home } = given
  const managers = values.opened()
  if (managers.length === 0) return
  try {
    const options = {
      store,
      values,
      managers,
      before: Date.now() - milliseconds(config.keepValues ?? KEPT),
      versions: config.keepVersions ?? VERSIONS,
      signal: AbortSignal.timeout(MOMENT),
    }
    await collectValues({ ...options, run })
    if (await isDue(home)) await collectValues(options)
  } catch {
    // The disk, a manager or the store refuses: `sluice values collect` says so, and the next run tries again.
  }
}

/** Once a day; the first time there is nothing old. */
async function isDue(home: string): Promise<boolean> {
  const marker = join(home, 'values', 'collected')
  const last = await stat(marker).catch(() => undefined)
  if (last && Date.now() - last.mtimeMs < DAY) return false
  await mkdir(join(home, 'values'), { recursive: true })
  await writeFile(marker, '')
  return last !== undefined
}
