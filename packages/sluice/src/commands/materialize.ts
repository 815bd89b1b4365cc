import { type LaunchOptions, launchOn, serverToRun } from './launch.ts'
import { type RunOptions, readParams } from './options.ts'
import { planRun } from './plan.ts'
import { runPlanned } from './run.ts'
import { locate } from './supervise/location.ts'
import { tagsOf } from './tags-of.ts'

/** `sluice materialize SELECTION [FILE]` */
export async function materialize(
  selection: string,
  file: string | undefined,
  options: RunOptions & LaunchOptions & { partition?: string; tag?: readonly string[] },
): Promise<number> {
  const server = await serverToRun(file, options)
  if (server) return launchOn(server, selectionOf(selection), options)
  const location = locate(file)
  const given = readParams(options)
  const once = (): Promise<number> =>
    runPlanned(location, options, (session) =>
      planRun(
        session,
        { kind: 'assets', selection, job: null },
        {
          ...given,
          partition: options.partition,
          tags: tagsOf(options.tag),
        },
      ),
    )
  if (!options.watch) return once()
  const { whenever } = await import('./watch.ts')
  return whenever(location, once)
}

/** A launch takes a plain name for a job first; here it is an asset. */
const selectionOf = (selection: string): string => (/^[\w./-]+$/.test(selection) ? `key:"${selection}"` : selection)
