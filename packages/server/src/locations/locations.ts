import type { OfferedVersion } from '@sluice/api/workers'
import {
  type Json,
  type Location,
  type LocationProblem,
  type Snapshot,
  SluiceError,
  scheduleFingerprint,
} from '@sluice/core'
import { type Change, type Store, launchTarget } from '@sluice/engine'

/** The active code of a location. */
export interface ActiveCode {
  readonly location: string
  readonly version: string
  readonly snapshot: Snapshot
}

export interface Locations {
  list(): Promise<readonly Location[]>
  /** The active code of every location that has one. */
  active(): Promise<readonly ActiveCode[]>
  /** @throws SluiceError NOT_FOUND. */
  get(location: string): Promise<ActiveCode>
  /** Whose code a target is of: the named location's, or the only one's that has it. */
  of(target: string, location: string | undefined): Promise<ActiveCode>
  /** `bundle`: the SHA-256 of what workers fetch; `null` where they bring the code. */
  register(version: OfferedVersion, bundle: string | null): Promise<void>
  /** New runs, schedules and sensors use it from now on. */
  activate(location: string, version: string): Promise<void>
  problem(location: string, problem: LocationProblem | null): Promise<void>
}

export function openLocations({ store, now }: { store: Store; now: () => number }): Locations {
  // Snapshots are immutable: each is read once.
  const snapshots = new Map<string, Promise<Snapshot>>()
  const snapshotOf = (location: string, version: string): Promise<Snapshot> => {
    const key = `${location} ${version}`
    let snapshot = snapshots.get(key)
    if (!snapshot) {
      snapshot = store.locations.version(location, version).then((found) => {
        if (found) return found.snapshot
        throw new SluiceError('NOT_FOUND', `"${location}" has no version ${version}.`, {
          hint: 'sluice locations versions lists them.',
        })
      })
      snapshots.set(key, snapshot)
      snapshot.catch(() => snapshots.delete(key))
      // A few versions are in use at a time.
      if (snapshots.size > 50) snapshots.delete(snapshots.keys().next().value!)
    }
    return snapshot
  }

  const locations: Locations = {
    list: () => store.locations.list(),
    async active() {
      const found = (await store.locations.list()).map(async ({ name, active }) => {
        if (active === null) return []
        try {
          return [{ location: name, version: active, snapshot: await snapshotOf(name, active) }]
        } catch (error) {
          // Its row is damaged, which the store has told: the others go on.
          if ((error as { code?: string }).code === 'NOT_FOUND') return []
          throw error
        }
      })
      return (await Promise.all(found)).flat()
    },
    async get(location) {
      const found = (await locations.active()).find((one) => one.location === location)
      if (found) return found
      throw new SluiceError('NOT_FOUND', `No location "${location}" has active code.`, {
        hint: 'sluice locations list shows all.',
      })
    },
    async of(target, location) {
      if (location !== undefined) return locations.get(location)
      const all = await locations.active()
      const [only] = all
      if (!only) {
        throw new SluiceError('NOT_FOUND', 'No code is active: no worker has offered any.', {
          hint: 'Start one with: sluice dev, or sluice worker.',
        })
      }
      if (all.length === 1) return only
      const failures: unknown[] = []
      const having = all.filter(({ snapshot }) => {
        try {
          launchTarget(snapshot, target)
          return true
        } catch (error) {
          failures.push(error)
          return false
        }
      })
      if (having.length === 1) return having[0]!
      if (having.length === 0) throw failures[0]
      throw new SluiceError('CONFLICT', `Several locations have "${target}": say which.`, {
        hint: `One of: ${having.map((one) => one.location).join(', ')}.`,
      })
    },
    async register(offer, bundle) {
      await store.commit([{ change: 'location.register', version: { ...offer, bundle, createdAt: now() } }])
    },
    async activate(location, version) {
      const snapshot = await snapshotOf(location, version)
      const { now: at } = await store.workers.expired() // watermarks are in the store's time
      const changes: Change[] = [{ change: 'location.activate', location, version, at }]
      const names = { schedules: new Set<string>(), sensors: new Set<string>() }
      for (const schedule of snapshot.schedules) {
        names.schedules.add(schedule.name)
        const spec = schedule as unknown as Json
        const fingerprint = scheduleFingerprint(schedule)
        changes.push({ change: 'schedule.put', location, name: schedule.name, origin: 'code', spec, fingerprint, at })
      }
      for (const sensor of snapshot.sensors) {
        names.sensors.add(sensor.name)
        changes.push({ change: 'sensor.put', location, name: sensor.name, spec: sensor as unknown as Json, at })
      }
      for (const one of await store.schedules.list(location))
        if (one.origin === 'code' && !one.retired && !names.schedules.has(one.name))
          changes.push({ change: 'schedule.remove', location, name: one.name })
      for (const one of await store.sensors.list(location))
        if (!one.retired && !names.sensors.has(one.name))
          changes.push({ change: 'sensor.remove', location, name: one.name })
      await store.commit(changes)
    },
    async problem(location, problem) {
      await store.commit([{ change: 'location.problem', location, problem }])
    },
  }
  return locations
}
