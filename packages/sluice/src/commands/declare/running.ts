import type { Command } from 'commander'
import { exitCodeHelp } from '../exit-codes.ts'
import type { LaunchOptions } from '../launch.ts'
import type { RunOptions } from '../options.ts'
import type { RunCommandOptions } from '../run.ts'
import { finish, repeated, where } from './finish.ts'

/** What starts runs: here, or on a server. */
export function declareRunning(program: Command): void {
  runOptions(
    program
      .command('run')
      .summary('run a flow, a task, a job or the assets of a file')
      .description(
        'Runs a file here: its only flow, or all its assets. Where it has several flows, TARGET says which. ' +
          'A name is launched on the server, where there is one.',
      )
      .argument('[file-or-name]', 'a file that exports definitions; or what a server or sluice.config.ts knows by name')
      .argument('[target]', 'flow, task, job or asset in the file')
      .option('--param <name=value>', 'one param; JSON where it is JSON, else text (repeatable)', repeated)
      .option('--params <json>', 'all params as JSON')
      .option('--step <step>', 'only this step of the run of --from, with the arguments that it had')
      .option('--from <run>', 'the run that --step was of'),
  )
    .addHelpText(
      'after',
      `
Examples:
  sluice run etl.ts
  sluice run etl.ts sync --param region=eu --param pages=3
  sluice run etl.ts sync --params '{"since": "2026-01-01"}' --json | tail -1
  sluice run nightly-eu                        a job of sluice.config.ts, or of the server
  sluice run sync --server https://sluice.example.com --priority 5 --detach
  sluice run --step 'page 3' --from latest     one step again
${exitCodeHelp}`,
    )
    .action((file: string | undefined, target: string | undefined, options: RunCommandOptions) =>
      finish(
        import('../run.ts').then(({ run }) => run(file, target, options)),
        options,
      ),
    )

  runOptions(
    program
      .command('materialize')
      .summary('make assets')
      .description(
        'Makes the assets of a selection, each after those it needs: here, or on the server, where there is one.',
      )
      .argument('<selection>', 'names and more: raw/orders+, +revenue, tag:tier=1, group:marts and not key:x, *')
      .argument('[file]', 'a file that exports assets; it is run here (default: the entry of sluice.config.ts)')
      .option('--stale', 'only what is stale or was never made'),
  )
    .addHelpText(
      'after',
      `
Examples:
  sluice materialize '*'                       everything
  sluice materialize '*' --partition all --stale  only what is behind
  sluice materialize +revenue                  revenue and what is right above it
  sluice materialize 'group:marts' --partition 2026-01-01..2026-01-31
  sluice materialize sales pipeline.ts --partition missing
  sluice materialize sales --partition latest --at 2h --detach
${exitCodeHelp}`,
    )
    .action((selection: string, file: string | undefined, options: RunOptions & LaunchOptions) =>
      finish(
        import('../materialize.ts').then(({ materialize }) => materialize(selection, file, options)),
        options,
      ),
    )

  runOptions(
    program
      .command('check')
      .summary('test assets, without making them')
      .description('Runs the checks of a selection of assets on what they hold now: here, or on the server.')
      .argument('<selection>', 'names and more, as for materialize: orders, group:marts, *')
      .argument('[file]', 'a file that exports assets; it is run here (default: the entry of sluice.config.ts)')
      .option('--only <check>', 'only checks of this name (repeatable)', repeated),
  )
    .addHelpText(
      'after',
      `
Examples:
  sluice check orders
  sluice check 'group:marts' --only has_rows
  sluice check sales pipeline.ts --partition 2026-01-01..2026-01-31
${exitCodeHelp}`,
    )
    .action((selection: string, file: string | undefined, options: RunOptions & LaunchOptions & { only?: string[] }) =>
      finish(
        import('../materialize.ts').then(({ check }) => check(selection, file, options)),
        options,
      ),
    )
}

function runOptions(command: Command): Command {
  return command
    .option('--partition <keys>', 'of partitioned assets: A, A..B, A,B, all, latest or missing')
    .option('--tag <tag>', 'of the run: team or team=data (repeatable)', repeated)
    .option('--env <name>', 'here: the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .option('--watch', 'here: run again whenever the code changes')
    .option('--inspect [address]', 'here: let a debugger attach to the process that runs the code')
    .option(...where)
    .option('--location <name>', 'on a server: whose code, where several have one of the name')
    .option('--pool <name>', 'on a server: the workers that take it')
    .option('--priority <number>', 'on a server: higher ones come first')
    .option('--at <time>', 'on a server: not before a date, a local time, an instant, or how long from now: 2h')
    .option('--once <word>', 'on a server: a second launch with the same word finds the first run')
    .option('--detach', 'on a server: print the id of the run, and do not wait for its end')
    .option('--json', 'one JSON object a line: what happens, and at last how it ended')
}
