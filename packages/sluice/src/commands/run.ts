import { SluiceError } from '@sluice/core'
import { shownPlace } from '../terminal/error.ts'
import { type LaunchOptions, launchOn, serverToRun } from './launch.ts'
import { type RunOptions, environmentOf, readParams } from './options.ts'
import { planRun } from './plan.ts'
import type { Planned } from './supervise/execute.ts'
import { type Location, locate, looksLikeFile } from './supervise/location.ts'
import { openSession, type Session } from './supervise/session.ts'
import { tagsOf } from './tags-of.ts'
import { chooseTarget } from './targets.ts'
import { refuseUntracked } from './untracked.ts'
import { type Places, viewFor } from './views.ts'

export type RunCommandOptions = RunOptions &
  LaunchOptions & {
    readonly partition?: string
    readonly tag?: readonly string[]
    readonly step?: string
    readonly from?: string
  }

/** `sluice run FILE_OR_NAME [TARGET]`, `sluice run [FILE] --step STEP --from RUN` */
export async function run(
  fileOrName: string | undefined,
  target: string | undefined,
  options: RunCommandOptions,
): Promise<number> {
  if (options.step !== undefined || options.from !== undefined) return oneStep(fileOrName, options)
  if (fileOrName === undefined)
    throw new SluiceError('USAGE', 'Say what to run.', {
      hint: 'sluice run FILE, sluice run NAME, or sluice run --step STEP --from RUN',
    })
  const isFile = looksLikeFile(fileOrName)
  if (!isFile && target !== undefined)
    throw new SluiceError('USAGE', `There is no file ${fileOrName}.`, {
      hint: 'sluice run FILE TARGET, or sluice run NAME with the entry of sluice.config.ts.',
    })
  const server = await serverToRun(isFile ? fileOrName : undefined, options)
  if (server) return launchOn(server, fileOrName, options)
  const location = isFile ? locate(fileOrName) : locateName(fileOrName)
  if (isFile) refuseUntracked(location.entries[0]!)
  const given = { ...readParams(options), tags: tagsOf(options.tag) }
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

/** One step of a run again, by itself, with the arguments that it had. */
async function oneStep(file: string | undefined, options: RunCommandOptions): Promise<number> {
  const { step, from } = options
  if (step === undefined || from === undefined)
    throw new SluiceError('USAGE', '--step and --from belong together: a step, and the run that it was of.', {
      hint: 'sluice run --step STEP --from RUN',
    })
  const { retryRun } = await import('./runs/again.ts')
  return retryRun(from, options, { alone: step }, file)
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
  const view = viewFor(options, location.project, places)
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
