import type { Snapshot, Step } from '@sluice/core'
import type { Project } from '../project/project.ts'
import { humanView } from '../terminal/human-view.ts'
import { jsonView } from '../terminal/json-view.ts'
import { notes } from '../terminal/terminal.ts'
import type { RunView } from '../terminal/view.ts'

/** The definitions are known once the code is loaded; errors are printed with where they are. */
export interface Places {
  snapshot: Snapshot | undefined
}

export function viewFor(
  { json, server }: { readonly json?: boolean; readonly server?: string | undefined },
  { home, root }: Pick<Project, 'home' | 'root'>,
  places: Places,
): RunView {
  return json
    ? jsonView()
    : humanView({ terminal: notes, home, root, server, placeOf: (kind, name) => placeIn(places.snapshot, kind, name) })
}

export function placeIn(snapshot: Snapshot | undefined, kind: Step['kind'], name: string): string | undefined {
  if (!snapshot) return undefined
  const lists = {
    flow: snapshot.flows,
    task: snapshot.tasks,
    step: [],
    asset: snapshot.assets,
    assets: snapshot.assets,
    check: snapshot.assets,
  }
  const wanted = kind === 'check' ? name.slice(0, name.lastIndexOf(':')) : name
  const found =
    kind === 'assets'
      ? snapshot.assets.find((one) => one.together === name)
      : lists[kind].find((one) => one.name === wanted)
  return found?.place
}
