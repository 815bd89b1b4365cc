import { type LocationVersion, SluiceError } from '@sluice/core'
import type { Store } from '@sluice/engine/store'
import type { Project } from '../project/project.ts'
import type { System } from './system.ts'

/** The store of a project, opened by this process. */
export function systemOfStore(store: Store, project: Project): System {
  const { runs, steps, logs, checks, events, assets, partitions } = store
  return {
    runs,
    steps,
    logs,
    checks,
    events,
    assets,
    partitions,
    project,
    server: null,
    async why(run) {
      const { whyRun } = await import('@sluice/engine')
      return whyRun(store, run, Date.now(), Temporal.Now.timeZoneId())
    },
    async whyAsset(asked) {
      const codes: { location: string; snapshot: LocationVersion['snapshot'] }[] = []
      for (const { name: location, active } of await store.locations.list()) {
        const found = active === null ? null : await store.locations.version(location, active)
        if (found) codes.push({ location, snapshot: found.snapshot })
      }
      if (codes.length === 0)
        throw new SluiceError('NOT_FOUND', 'No server has worked on this store yet: nobody has looked at conditions.', {
          hint: 'Start one: sluice dev',
        })
      const { whyAsset } = await import('@sluice/engine')
      return whyAsset(store, codes, { ...asked, now: Date.now() })
    },
    async cancel({ id }) {
      await store.commit([{ change: 'run.cancel', run: id, at: Date.now() }])
    },
    async answer(answer) {
      const { answerApproval } = await import('@sluice/engine')
      await answerApproval(store, { ...answer, at: Date.now() })
    },
    acknowledged: () => store.failures.acknowledged(1000),
    async acknowledge(known) {
      await store.commit([{ change: 'failure.acknowledge', ...known, at: Date.now() }])
    },
    async addKeys(keys) {
      await store.commit([{ change: 'partitions.add', ...keys, at: Date.now() }])
    },
    async removeKeys(keys) {
      await store.commit([{ change: 'partitions.remove', ...keys }])
    },
    async wipe({ definition, ...asked }) {
      const { wipeAsset } = await import('@sluice/engine')
      return (await wipeAsset(store, { ...asked, definition: await definition(), at: Date.now() })).partitions
    },
    async report({ asset, body, definition: find }) {
      const { reportAsset } = await import('@sluice/engine')
      const definition = await find()
      if (!definition)
        throw new SluiceError('ASSET_UNKNOWN', `The code here has no asset "${asset}".`, {
          hint: `Name the file that has it: sluice assets report ${asset} FILE`,
        })
      return reportAsset(store, { definition, report: body, by: process.env['USER'] ?? 'command', now: Date.now() })
    },
    async rename(asked) {
      const { renameAsset } = await import('@sluice/engine')
      await renameAsset(store, { ...asked, at: Date.now() })
    },
    close: () => store.close(),
  }
}
