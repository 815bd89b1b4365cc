import { Command, CommanderError } from 'commander'
import { exitCodeHelp, exitCodes } from './commands/exit-codes.ts'
import type { RunOptions } from './commands/options.ts'
import type { ListOptions } from './commands/runs/list.ts'

const program = new Command('sluice')
  .description('Data orchestration for TypeScript: write, run and resume pipelines.')
  .version(version(), '-V, --version', 'print the version')
  .showHelpAfterError('(sluice --help, or sluice COMMAND --help, shows how)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  sluice init my-pipeline                      a small project that works
  sluice run pipeline.ts --param days=7        run the flow in a file
  sluice materialize +revenue --partition missing
  sluice runs show latest                      what happened
  sluice runs resume latest                    go on after a crash
${exitCodeHelp}`,
  )

/** What a command answers: its exit code. */
type Answer = Promise<number | void>

async function finish(answer: Answer, options: { readonly json?: boolean } = {}): Promise<void> {
  try {
    process.exitCode = (await answer) ?? exitCodes.ok
  } catch (error) {
    const { failed } = await import('./commands/failure.ts')
    process.exitCode = failed(error, options)
  }
}

const list = (value: string, before: string[] = []): string[] => [...before, value]

function runOptions(command: Command): Command {
  return command
    .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .option('--watch', 'run again whenever the code changes')
    .option('--inspect [address]', 'let a debugger attach to the process that runs the code')
    .option('--json', 'one JSON object a line: what happens, and at last how it ended')
}

runOptions(
  program
    .command('run')
    .summary('run a flow, a task, a job or the assets of a file')
    .description('Runs a file: its only flow, or all its assets. Where it has several flows, TARGET says which.')
    .argument('<file-or-job>', 'a file that exports definitions, or the name of a job of sluice.config.ts')
    .argument('[target]', 'flow, task, job or asset in the file')
    .option('--param <name=value>', 'one param; JSON where it is JSON, else text (repeatable)', list)
    .option('--params <json>', 'all params as JSON')
    .option('--partition <keys>', 'of partitioned assets: A, A..B, A,B, all, latest or missing'),
)
  .addHelpText(
    'after',
    `
Examples:
  sluice run etl.ts
  sluice run etl.ts sync --param region=eu --param pages=3
  sluice run etl.ts sync --params '{"since": "2026-01-01"}' --json | tail -1
  sluice run nightly-eu                        a job of sluice.config.ts
${exitCodeHelp}`,
  )
  .action((file: string, target: string | undefined, options: RunOptions) =>
    finish(import('./commands/run.ts').then(({ run }) => run(file, target, options)), options),
  )

runOptions(
  program
    .command('materialize')
    .summary('make assets')
    .description('Makes the assets of a selection, each after those it needs.')
    .argument('<selection>', 'names and more: raw/orders+, +revenue, tag:tier=1, group:marts and not key:x, *')
    .argument('[file]', 'a file that exports assets (default: the entry of sluice.config.ts)')
    .option('--partition <keys>', 'of partitioned assets: A, A..B, A,B, all, latest or missing'),
)
  .addHelpText(
    'after',
    `
Examples:
  sluice materialize '*'                       everything
  sluice materialize +revenue                  revenue and what is right above it
  sluice materialize 'group:marts' --partition 2026-01-01..2026-01-31
  sluice materialize sales pipeline.ts --partition missing
${exitCodeHelp}`,
  )
  .action((selection: string, file: string | undefined, options: RunOptions) =>
    finish(import('./commands/materialize.ts').then(({ materialize }) => materialize(selection, file, options)), options),
  )

const runs = program.command('runs').summary('what ran: list, show, logs, resume, retry, cancel').description('Looks at runs and goes on with them. ID is an id, the beginning of one, or latest.')

runs
  .command('list', { isDefault: true })
  .description('Lists runs, newest first.')
  .option('--state <state>', 'only these: running, succeeded, failed, crashed, canceled … (repeatable)', list)
  .option('--name <name>', 'of this flow, task or selection')
  .option('--asset <name>', 'that made this asset')
  .option('--tag <tag>', 'with this tag: team or team=data')
  .option('--text <text>', 'with this in id, name or title')
  .option('--limit <count>', 'at most so many', '20')
  .option('--before <id>', 'made before this run: the next page')
  .option('--json', 'as JSON')
  .addHelpText('after', `
Examples:
  sluice runs list --state failed --state crashed
  sluice runs list --name sync --limit 5
  sluice runs list --json | jq '.[].id'`)
  .action((options: ListOptions) => finish(import('./commands/runs/list.ts').then(({ listRuns }) => listRuns(options)), options))

runs
  .command('show')
  .description('Shows one run: its steps, errors, checks and what it made.')
  .argument('[id]', 'which run', 'latest')
  .option('--steps', 'every step on a line of its own')
  .option('--json', 'as JSON')
  .addHelpText('after', `
Examples:
  sluice runs show
  sluice runs show r0mws --steps`)
  .action((id: string, options: { json?: boolean }) => finish(import('./commands/runs/show.ts').then(({ showRun }) => showRun(id, options)), options))

runs
  .command('logs')
  .description('Prints what a run logged.')
  .argument('[id]', 'which run', 'latest')
  .option('--step <step>', 'only of this step: its number or name')
  .option('--follow', 'go on until the run has ended')
  .option('--json', 'one JSON object a line')
  .addHelpText('after', `
Examples:
  sluice runs logs latest --follow
  sluice runs logs r0mws --step 'page 3'`)
  .action((id: string, options: { json?: boolean }) => finish(import('./commands/runs/logs.ts').then(({ showLogs }) => showLogs(id, options)), options))

const again = (command: Command): Command =>
  command
    .argument('[id]', 'which run', 'latest')
    .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .option('--inspect [address]', 'let a debugger attach to the process that runs the code')
    .option('--json', 'one JSON object a line: what happens, and at last how it ended')

again(runs.command('resume').description('Goes on with a crashed run from its last committed step.'))
  .addHelpText('after', `
Examples:
  sluice runs resume latest
${exitCodeHelp}`)
  .action((id: string, options: RunOptions) => finish(import('./commands/runs/again.ts').then(({ resumeRun }) => resumeRun(id, options)), options))

again(runs.command('retry').description('Starts a new run like this one; what succeeded in it is not done again.'))
  .addHelpText('after', `
Examples:
  sluice runs retry latest
${exitCodeHelp}`)
  .action((id: string, options: RunOptions) => finish(import('./commands/runs/again.ts').then(({ retryRun }) => retryRun(id, options)), options))

runs
  .command('cancel')
  .description('Asks a run to stop, and waits for it.')
  .argument('[id]', 'which run', 'latest')
  .option('--json', 'as JSON')
  .addHelpText('after', `
Examples:
  sluice runs cancel latest`)
  .action((id: string, options: { json?: boolean }) => finish(import('./commands/runs/cancel.ts').then(({ cancelRun }) => cancelRun(id, options)), options))

function version(): string {
  return '0.1.0'
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
}
