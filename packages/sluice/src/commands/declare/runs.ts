import type { Command } from 'commander'
import { exitCodeHelp } from '../exit-codes.ts'
import type { RunOptions } from '../options.ts'
import type { ListOptions } from '../runs/list.ts'
import type { LogOptions } from '../runs/logs.ts'
import { finish, repeated } from './finish.ts'

/** `sluice runs …` */
export function declareRuns(program: Command): void {
  const runs = program
    .command('runs')
    .summary('what ran: list, show, logs, resume, retry, cancel')
    .description('Looks at runs and goes on with them. ID is an id, the beginning of one, or latest.')

  runs
    .command('list', { isDefault: true })
    .description('Lists runs, newest first.')
    .option('--state <state>', 'only these: running, succeeded, failed, crashed, canceled … (repeatable)', repeated)
    .option('--name <name>', 'of this flow, task or selection')
    .option('--asset <name>', 'that made this asset')
    .option('--tag <tag>', 'with this tag: team or team=data')
    .option('--text <text>', 'with this in id, name or title')
    .option('--limit <count>', 'at most so many', '20')
    .option('--before <id>', 'made before this run: the next page')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice runs list --state failed --state crashed
  sluice runs list --name sync --limit 5
  sluice runs list --json | jq '.[].id'`,
    )
    .action((options: ListOptions) =>
      finish(
        import('../runs/list.ts').then(({ listRuns }) => listRuns(options)),
        options,
      ),
    )

  runs
    .command('show')
    .description('Shows one run: its steps, errors, checks and what it made.')
    .argument('[id]', 'which run', 'latest')
    .option('--steps', 'every step on a line of its own')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice runs show
  sluice runs show r0mws --steps`,
    )
    .action((id: string, options: { json?: boolean }) =>
      finish(
        import('../runs/show.ts').then(({ showRun }) => showRun(id, options)),
        options,
      ),
    )

  runs
    .command('logs')
    .description('Prints what a run logged.')
    .argument('[id]', 'which run', 'latest')
    .option('--step <step>', 'only of this step: its number or name')
    .option('--follow', 'go on until the run has ended')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `
Examples:
  sluice runs logs latest --follow
  sluice runs logs r0mws --step 'page 3'`,
    )
    .action((id: string, options: LogOptions) =>
      finish(
        import('../runs/logs.ts').then(({ showLogs }) => showLogs(id, options)),
        options,
      ),
    )

  const again = (command: Command): Command =>
    command
      .argument('[id]', 'which run', 'latest')
      .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
      .option('--inspect [address]', 'let a debugger attach to the process that runs the code')
      .option('--json', 'one JSON object a line: what happens, and at last how it ended')

  again(runs.command('resume').description('Goes on with a crashed run from its last committed step.'))
    .addHelpText(
      'after',
      `
Examples:
  sluice runs resume latest
${exitCodeHelp}`,
    )
    .action((id: string, options: RunOptions) =>
      finish(
        import('../runs/again.ts').then(({ resumeRun }) => resumeRun(id, options)),
        options,
      ),
    )

  again(runs.command('retry').description('Starts a new run like this one; what succeeded in it is not done again.'))
    .addHelpText(
      'after',
      `
Examples:
  sluice runs retry latest
${exitCodeHelp}`,
    )
    .action((id: string, options: RunOptions) =>
      finish(
        import('../runs/again.ts').then(({ retryRun }) => retryRun(id, options)),
        options,
      ),
    )

  runs
    .command('cancel')
    .description('Asks a run to stop, and waits for it.')
    .argument('[id]', 'which run', 'latest')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice runs cancel latest`,
    )
    .action((id: string, options: { json?: boolean }) =>
      finish(
        import('../runs/cancel.ts').then(({ cancelRun }) => cancelRun(id, options)),
        options,
      ),
    )
}
