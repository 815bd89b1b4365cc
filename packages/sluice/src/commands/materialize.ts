import { type RunOptions, readParams } from './options.ts'
import { planRun } from './plan.ts'
import { runPlanned } from './run.ts'
import { locate } from './supervise/location.ts'

/** `sluice materialize SELECTION [FILE]` */
export async function materialize(
  selection: string,
  file: string | undefined,
  options: RunOptions & { partition?: string },
): Promise<number> {
  const location = locate(file)
  const given = readParams(options)
  const once = (): Promise<number> =>
    runPlanned(location, options, (session) =>
      planRun(session, { kind: 'assets', selection, job: null }, { ...given, partition: options.partition }),
    )
  if (!options.watch) return once()
  const { whenever } = await import('./watch.ts')
  return whenever(location, once)
}
