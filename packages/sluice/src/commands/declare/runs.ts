import type { Command } from 'commander'
import { exitCodeHelp } from '../exit-codes.ts'
import type { AgainOptions, RetryOptions } from '../runs/again.ts'
import type { AnswerOptions } from '../runs/answer.ts'
import type { ListOptions } from '../runs/list.ts'
import type { LogOptions } from '../runs/logs.ts'
import type { SystemOptions } from '../../system/system.ts'
import { finish, repeated, where } from './finish.ts'

/** `sluice runs …` */
export function declareRuns(program: Command): void {
  const runs = program
    .command('runs')
    .summary('what ran: list, show, logs, why, resume, retry, cancel, answer')
    .description('Looks at runs and goes on with them. ID is an id, the beginning of one, or latest.')

  runs
    .command('list', { isDefault: true })
    .description('Lists runs, newest first.')
    .option('--state <state>', 'only these: running, succeeded, failed, crashed, canceled … (repeatable)', repeated)
    .option('--job <name>', 'of this job')
    .option('--name <name>', 'of this flow, task or selection')
    .option('--asset <name>', 'that made this asset')
    .option('--partition <key>', 'of this partition')
    .option('--tag <tag>', 'with this tag: team or team=data')
    .option('--owner <owner>', 'that this person or team answers for')
    .option('--since <time>', 'made at or after: a date, a local time, an instant, or how long ago: 2h')
    .option('--until <time>', 'made before')
    .option('--text <text>', 'with this in id, name or title')
    .option('--limit <count>', 'at most so many', '20')
    .option('--before <id>', 'made before this run: the next page')
    .option(...where)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice runs list --state failed --state crashed
  sluice runs list --name sync --since 2h --limit 5
  sluice runs list --asset sales --partition 2026-01-31 --owner team:data
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
    .option(...where)
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
    .option(...where)
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

  runs
    .command('why')
    .description('Says why a run waits: for which limit and who holds it, what is ahead, when it goes on.')
    .argument('[id]', 'which run', 'latest')
    .option(...where)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice runs why latest
  sluice runs why r0mws --server https://sluice.example.com`,
    )
    .action((id: string, options: SystemOptions & { json?: boolean }) =>
      finish(
        import('../runs/why.ts').then(({ whyRun }) => whyRun(id, options)),
        options,
      ),
    )

  const again = (command: Command): Command =>
    command
      .argument('[id]', 'which run', 'latest')
      .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
      .option('--inspect [address]', 'let a debugger attach to the process that runs the code')
      .option(...where)
      .option('--detach', 'of a run of a server: print its id, and do not wait for its end')
      .option('--json', 'one JSON object a line: what happens, and at last how it ended')

  again(runs.command('resume').description('Goes on with a crashed run from its last committed step.'))
    .addHelpText(
      'after',
      `
Examples:
  sluice runs resume latest
${exitCodeHelp}`,
    )
    .action((id: string, options: AgainOptions) =>
      finish(
        import('../runs/again.ts').then(({ resumeRun }) => resumeRun(id, options)),
        options,
      ),
    )

  again(runs.command('retry').description('Starts a new run like this one; what succeeded in it is not done again.'))
    .option('--from <where>', 'failure: with what succeeded; start: all of it again (default: failure)')
    .option(
      '--step <step>',
      'do this again though it succeeded: its number, name, or name and key (repeatable)',
      repeated,
    )
    .option('--params <json>', 'other params: what was called with the same arguments is not done again')
    .addHelpText(
      'after',
      `
Examples:
  sluice runs retry latest
  sluice runs retry r0mws --from start
  sluice runs retry r0mws --step 'page 3' --step load
  sluice runs retry r0mws --params '{"region": "eu"}'
${exitCodeHelp}`,
    )
    .action((id: string, options: RetryOptions) =>
      finish(
        import('../runs/again.ts').then(({ retryCommand }) => retryCommand(id, options)),
        options,
      ),
    )

  runs
    .command('cancel')
    .description('Asks a run to stop, and waits for it.')
    .argument('[id]', 'which run', 'latest')
    .option(...where)
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

  runs
    .command('answer')
    .description('Answers what a run asks a person, by approval().')
    .argument('<id>', 'which run')
    .option('--param <name=value>', 'one part of the answer; JSON where it is JSON, else text (repeatable)', repeated)
    .option('--params <json>', 'the whole answer as JSON')
    .option('--request <name>', 'the name of the approval, where the run asks several things')
    .option('--by <who>', 'whose answer it is (default: the user of this machine)')
    .option(...where)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice runs answer latest --param ok=true
  sluice runs answer r0mws --request publish --params '{"ok": false, "note": "not yet"}'`,
    )
    .action((id: string, options: AnswerOptions) =>
      finish(
        import('../runs/answer.ts').then(({ answerRun }) => answerRun(id, options)),
        options,
      ),
    )
}
