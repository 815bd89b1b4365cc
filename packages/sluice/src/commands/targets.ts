import { type OnlyChecks, type Snapshot, SluiceError, closest } from '@sluice/core'

/** What is to be run, as the code calls it. */
export type Chosen =
  | { readonly kind: 'flow' | 'task'; readonly name: string; readonly job: string | null }
  | { readonly kind: 'assets'; readonly selection: string; readonly job: string | null }
  | { readonly kind: 'checks'; readonly selection: string; readonly only: OnlyChecks; readonly job: string | null }

/** The target that a name means; without one the only flow, or all assets. */
export function chooseTarget(snapshot: Snapshot, name: string | undefined, file: string): Chosen {
  return name === undefined ? theOnly(snapshot, file) : named(snapshot, name, file)
}

function named({ flows, jobs, tasks, assets }: Snapshot, name: string, file: string): Chosen {
  const job = jobs.find((one) => one.name === name)
  if (job) return { ...job.target, job: name }
  if (flows.some((one) => one.name === name)) return { kind: 'flow', name, job: null }
  if (tasks.some((one) => one.name === name)) return { kind: 'task', name, job: null }
  if (assets.some((one) => one.name === name)) return { kind: 'assets', selection: name, job: null }
  const names = [...flows, ...jobs, ...tasks, ...assets].map((one) => one.name)
  const near = closest(name, names)
  throw new SluiceError('TARGET_UNKNOWN', `Nothing in ${file} is called "${name}".`, {
    hint: near === undefined ? listing(file, names) : `Did you mean ${near}? sluice run ${file} ${near}`,
    data: { place: `${file}:1` },
  })
}

function theOnly({ flows, jobs, tasks, assets }: Snapshot, file: string): Chosen {
  const [first, ...more] = flows.length > 0 ? flows : []
  if (first && more.length === 0) return { kind: 'flow', name: first.name, job: null }
  if (first) throw several(file, flows)
  if (assets.length > 0) return { kind: 'assets', selection: '*', job: null }
  const [job] = jobs
  if (job && jobs.length === 1) return { ...job.target, job: job.name }
  const [task] = tasks
  if (task && tasks.length === 1) return { kind: 'task', name: task.name, job: null }
  throw several(file, [...jobs, ...tasks])
}

type Target = { readonly name: string; readonly place: string | undefined }

function several(file: string, targets: readonly Target[]): SluiceError {
  const inOrder = targets.toSorted((a, b) => lineOf(a) - lineOf(b))
  return new SluiceError('USAGE', `${file} has several targets: say which one to run.`, {
    hint: listing(
      file,
      inOrder.map(({ name }) => name),
    ),
    data: { place: inOrder[0]?.place },
  })
}

/** Exports come sorted by name; people know them by where they are in the file. */
const lineOf = ({ place }: Target): number => Number(/:(\d+):\d+$/.exec(place ?? '')?.[1] ?? 0)

const listing = (file: string, names: readonly string[]): string =>
  names.length === 0
    ? 'It exports none.'
    : `One of:\n${names
        .slice(0, 12)
        .map((name) => `  sluice run ${file} ${name}`)
        .join('\n')}${names.length > 12 ? `\n  … and ${names.length - 12} more` : ''}`
