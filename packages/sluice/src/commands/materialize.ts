import { type LaunchOptions, launchOn, serverToRun } from './launch.ts'
import { type RunOptions, readParams } from './options.ts'
import { planRun } from './plan.ts'
import { runPlanned } from './run.ts'
import { locate } from './supervise/location.ts'
import { notes } from '../terminal/terminal.ts'
import { exitCodes } from './exit-codes.ts'
import { tagsOf } from './tags-of.ts'
import type { Chosen } from './targets.ts'

type Options = RunOptions & LaunchOptions & { partition?: string; stale?: boolean; tag?: readonly string[] }

/** `sluice materialize SELECTION [FILE]` */
export async function materialize(selection: string, file: string | undefined, options: Options): Promise<number> {
  try {
    return await choose({ kind: 'assets', selection, job: null }, file, options)
  } catch (error) {
    if ((error as { code?: string }).code !== 'UP_TO_DATE') throw error
    notes.line(`${notes.style.green('✓')} ${(error as Error).message}`)
    return exitCodes.ok
  }
}

/** `sluice check SELECTION [FILE]` */
export async function check(
  selection: string,
  file: string | undefined,
  { only, ...options }: Options & { readonly only?: readonly string[] },
): Promise<number> {
  return choose({ kind: 'checks', selection, only: only ?? 'all', job: null }, file, options)
}

async function choose(
  chosen: Extract<Chosen, { readonly selection: string }>,
  file: string | undefined,
  options: Options,
): Promise<number> {
  const server = await serverToRun(file, options)
  const onlyChecks = chosen.kind === 'checks' ? chosen.only : undefined
  if (server) return launchOn(server, selectionOf(chosen.selection), { ...options, onlyChecks })
  const location = locate(file)
  const given = readParams(options)
  const once = (): Promise<number> =>
    runPlanned(location, options, (session) =>
      planRun(session, chosen, {
        ...given,
        partition: options.partition,
        stale: options.stale,
        tags: tagsOf(options.tag),
      }),
    )
  if (!options.watch) return once()
  const { whenever } = await import('./watch.ts')
  return whenever(location, once)
}

/** A launch takes a plain name for a job first; here it is an asset. */
const selectionOf = (selection: string): string => (/^[\w./-]+$/.test(selection) ? `key:"${selection}"` : selection)
