import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { exitCodeHelp, exitCodes } from './commands/exit-codes.ts'
import type { RunOptions } from './commands/options.ts'
import { declareAssets } from './commands/declare/assets.ts'
import { finish, repeated } from './commands/declare/finish.ts'
import { declareProject } from './commands/declare/project.ts'
import { declareRuns } from './commands/declare/runs.ts'

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
    .option('--param <name=value>', 'one param; JSON where it is JSON, else text (repeatable)', repeated)
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
    finish(
      import('./commands/run.ts').then(({ run }) => run(file, target, options)),
      options,
    ),
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
    finish(
      import('./commands/materialize.ts').then(({ materialize }) => materialize(selection, file, options)),
      options,
    ),
  )

declareRuns(program)
declareAssets(program)
declareProject(program)

function version(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
}
