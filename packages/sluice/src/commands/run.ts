import { SluiceError } from '@sluice/core'
import { shownPlace } from '../terminal/error.ts'
import { type RunOptions, environmentOf, readParams } from './options.ts'
import { planRun } from './plan.ts'
import type { Planned } from './supervise/execute.ts'
import { type Location, locate, looksLikeFile } from './supervise/location.ts'
import { openSession, type Session } from './supervise/session.ts'
import { refuseUntracked } from './untracked.ts'
import { chooseTarget } from './targets.ts'
import { type Places, viewFor } from './views.ts'

/** `sluice run FILE_OR_JOB [TARGET]` */
export async function run(
  fileOrName: string,
  target: string | undefined,
  options: RunOptions & { partition?: string },
): Promise<number> {
  const isFile = looksLikeFile(fileOrName)
  if (!isFile && target !== undefined)
    throw new SluiceError('USAGE', `There is no file ${fileOrName}.`, {
      hint: 'sluice run FILE TARGET, or sluice run NAME with the entry of sluice.config.ts.',
    })
  const location = isFile ? locate(fileOrName) : locateName(fileOrName)
  if (isFile) refuseUntracked(location.entries[0]!)
  const given = readParams(options)
  const once = (): Promise<number> =>
    runPlanned(location, options, (session) => {
      const { definitions, entries } = session.description
      const chosen = chooseTarget(
        definitions,
        isFile ? target : fileOrName,
        shownPlace(location.entry === null ? entries[0]! : location.entries[0]!),
      )
      return planRun(session, chosen, { ...given, partition: options.partition })
    })
  if (!options.watch) return once()
  const { whenever } = await import('./watch.ts')
  return whenever(location, once)
}

function locateName(name: string): Location {
  try {
    return locate(undefined)
  } catch (error) {
    if ((error as { code?: string }).code !== 'USAGE') throw error
    throw new SluiceError(
      'LOAD_NOT_FOUND',
      `There is no file ${name}, and no sluice.config.ts here that could know a job of that name.`,
      {
        hint: 'Give the path of a file: sluice run pipeline.ts',
      },
    )
  }
}

/** Loads the code, plans a run and executes it. Gives the exit code. */
export async function runPlanned(
  location: Location,
  options: RunOptions,
  plan: (session: Session) => Promise<Planned>,
): Promise<number> {
  const places: Places = { snapshot: undefined }
  const view = viewFor(options, location.project.home, places)
  const { inspect } = options
  let session: Session | undefined
  try {
    session = await openSession({
      location,
      environment: environmentOf(options),
      view,
      ...(inspect !== undefined && { inspect }),
    })
    places.snapshot = session.description.definitions
    const { exitCode } = await session.execute(await plan(session))
    return exitCode
  } finally {
    view.close()
    await session?.close()
  }
}
