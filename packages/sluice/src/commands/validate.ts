import { type Snapshot, type StoredError, SluiceError, toStoredError } from '@sluice/core'
import type { Checked, Description } from '@sluice/worker'
import { errorLines, shownPlace } from '../terminal/error.ts'
import { json, output } from '../terminal/terminal.ts'
import { countOf } from '../terminal/words.ts'
import { exitCodes } from './exit-codes.ts'
import { environmentOf } from './options.ts'
import { locate } from './supervise/location.ts'
import { lookInto } from './supervise/look.ts'
import { refuseUntracked } from './untracked.ts'

export interface ValidateOptions {
  readonly env?: string
  readonly json?: boolean
}

/** `sluice validate`: loads and looks through the definitions, and runs nothing. */
export async function validate(file: string | undefined, options: ValidateOptions): Promise<number> {
  const location = locate(file)
  if (file !== undefined) refuseUntracked(location.entries[0]!)
  const environment = environmentOf(options)
  const { description, problems } = await lookInto(
    { location, environment, describing: true },
    async ({ child, description: found }) => {
      const checked = (await child.ask({
        request: 'check',
        environment,
        config: location.project.configFile ?? null,
      })) as Checked
      return { description: found, problems: [...missingEnv(found), ...checked.problems] }
    },
  )
  const exitCode = problems.length > 0 ? exitCodes.definitions : exitCodes.ok
  if (options.json)
    json({
      ok: problems.length === 0,
      problems,
      definitions: description.definitions,
      env: description.env,
      undeclaredEnv: description.undeclaredEnv,
    })
  else report(description, problems)
  return exitCode
}

function missingEnv({ env, entries }: Description): StoredError[] {
  return env
    .filter(({ missing }) => missing)
    .map(({ name }) =>
      toStoredError(
        new SluiceError('ENV_MISSING', `The environment variable ${name} is not set.`, {
          hint: `Set ${name}, or give a fallback: env('${name}', '…').`,
          data: { place: entries[0] },
        }),
      ),
    )
}

function report({ definitions, entries, env, undeclaredEnv }: Description, problems: readonly StoredError[]): void {
  const { style, line } = output
  for (const problem of problems) for (const text of errorLines(style, problem)) line(text)
  if (undeclaredEnv.length > 0) {
    line(
      `${style.yellow('!')} ${countOf(undeclaredEnv.length, 'reading of process.env is not declared', 'readings of process.env are not declared')}:`,
    )
    for (const { name, file, line: at } of undeclaredEnv.slice(0, 12))
      line(`  ${name}  ${style.dim(shownPlace(`${file}:${at}`))}`)
    if (undeclaredEnv.length > 12) line(style.dim(`  … and ${undeclaredEnv.length - 12} more`))
    line(
      `  ${style.dim('→')} env('${undeclaredEnv[0]!.name}') says that the program needs it: workers pass it on, and a missing one is told before anything runs.`,
    )
  }
  if (env.length > 0)
    line(
      style.dim(
        `Declared variables: ${env.map(({ name, fallback }) => (fallback === undefined ? name : `${name}=${fallback}`)).join(', ')}`,
      ),
    )
  const files = entries.map((entry) => shownPlace(entry)).join(', ')
  line(
    problems.length === 0
      ? `${style.green('✓')} ${files}: ${countsOf(definitions)}. Nothing was run.`
      : `${style.red('✗')} ${files}: ${countOf(problems.length, 'problem')}.`,
  )
}

function countsOf({ flows, tasks, assets, jobs, schedules, sensors, resources }: Snapshot): string {
  const checks = assets.reduce((sum, one) => sum + one.checks.length, 0)
  const counts: [number, string][] = [
    [flows.length, 'flow'],
    [tasks.length, 'task'],
    [assets.length, 'asset'],
    [checks, 'check'],
    [jobs.length, 'job'],
    [schedules.length, 'schedule'],
    [sensors.length, 'sensor'],
    [resources.length, 'resource'],
  ]
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => countOf(count, what))
    .join(', ')
}
