import { type Command, Option } from 'commander'
import type { GoOnOptions } from '../backfills/act.ts'
import type { CreateOptions } from '../backfills/create.ts'
import type { ListOptions } from '../backfills/list.ts'
import type { BackfillOptions } from '../backfills/on-server.ts'
import type { ShowOptions } from '../backfills/show.ts'
import { exitCodeHelp } from '../exit-codes.ts'
import { finish, repeated, where } from './finish.ts'

/** `sluice backfills …` */
export function declareBackfills(program: Command, version: string): void {
  const backfills = program
    .command('backfills')
    .summary('many runs that fill many partitions: list, create, show, set, pause, resume, cancel, retry')
    .description('Fills partitions by many runs: on a server, or here where there is none.')

  common(
    backfills
      .command('list', { isDefault: true })
      .description('Lists backfills, newest first.')
      .addOption(
        new Option('--state <state>', 'only these').choices([
          'running',
          'paused',
          'canceling',
          'succeeded',
          'failed',
          'canceled',
        ]),
      )
      .option('--limit <count>', 'at most so many', '20'),
  )
    .addHelpText('after', '\nExamples:\n  sluice backfills list --state failed')
    .action((options: ListOptions) =>
      finish(
        import('../backfills/list.ts').then(({ listBackfills }) => listBackfills(options, version)),
        options,
      ),
    )

  declareCreate(backfills, version)

  common(
    backfills
      .command('show')
      .description('Shows one backfill: how far each of its parts is.')
      .argument('<id>', 'its id, the beginning of it, or latest')
      .option('--failed', 'only the partitions that failed, all of them'),
  )
    .addHelpText('after', '\nExamples:\n  sluice backfills show latest\n  sluice backfills show latest --failed')
    .action((id: string, options: ShowOptions) =>
      finish(
        import('../backfills/show.ts').then(({ showBackfill }) => showBackfill(id, options, version)),
        options,
      ),
    )

  common(
    backfills
      .command('set')
      .description('Changes how many of its runs go on at once. Those that have not started wait anew; the others end.')
      .argument('<id>', 'its id, the beginning of it, or latest')
      .requiredOption('--concurrency <count>', 'so many, or all: as many as there are places'),
  )
    .addHelpText('after', '\nExamples:\n  sluice backfills set latest --concurrency 2')
    .action((id: string, options: BackfillOptions & { readonly concurrency: string }) =>
      finish(
        import('../backfills/act.ts').then(({ setBackfill }) => setBackfill(id, options, version)),
        options,
      ),
    )

  for (const [action, text] of [
    ['pause', 'Makes no more runs, and takes those back that have not started; those that go on end.'],
    ['cancel', 'Makes no more runs, and stops those that go on.'],
  ] as const)
    common(backfills.command(action).description(text).argument('<id>', 'its id, the beginning of it, or latest'))
      .addHelpText('after', `\nExamples:\n  sluice backfills ${action} latest`)
      .action((id: string, options: BackfillOptions) =>
        finish(
          import('../backfills/act.ts').then(({ stop }) => stop(action, id, options, version)),
          options,
        ),
      )

  for (const [action, text] of [
    ['resume', 'Goes on with one that is paused, or that nobody goes on with since its command or server ended.'],
    ['retry', 'Makes again what failed, and what that held back; of one that was canceled, all that is not made.'],
  ] as const)
    common(
      backfills
        .command(action)
        .description(text)
        .argument('<id>', 'its id, the beginning of it, or latest')
        .argument('[file]', 'here: a file that exports assets (default: the entry of sluice.config.ts)')
        .option('--detach', 'on a server: do not wait for its end'),
    )
      .addHelpText('after', `\nExamples:\n  sluice backfills ${action} latest`)
      .action((id: string, file: string | undefined, options: GoOnOptions) =>
        finish(
          import('../backfills/act.ts').then(({ goOn }) => goOn(action, id, file, options, version)),
          options,
        ),
      )
}

const common = (command: Command): Command =>
  command
    .option(...where)
    .option('--env <name>', 'here: the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .option('--json', 'as JSON')

function declareCreate(backfills: Command, version: string): void {
  common(
    backfills
      .command('create')
      .description(
        'Makes partitions of a selection of assets, each after those it needs, by as many runs as it takes; and follows it. ' +
          'Ctrl-C leaves it: on a server it goes on, here `resume` does.',
      )
      .argument('<selection>', 'an asset, a job, or a selection: raw/orders+, group:marts')
      .argument('[file]', 'here: a file that exports assets (default: a server, or the entry of sluice.config.ts)')
      .option(
        '--partition <keys>',
        'A, A..B, A,B, all, latest, missing or stale; of a grid also by dimension: A..B|x,y',
      )
      .option('--per-run <count>', 'so many partitions that follow each other in one run, or all (default: 1)')
      .option('--by <dimension>', 'of a grid: one run for all that have the same key in this dimension')
      .option('--concurrency <count>', 'so many of its runs at once (default: as many as there are places; here 4)')
      .option('--tag <tag>', 'of its runs: team or team=data (repeatable)', repeated)
      .option('--location <name>', 'on a server: whose code, where several have one of the name')
      .option('--pool <name>', 'on a server: the workers that take its runs')
      .option('--priority <number>', 'on a server: higher ones come first')
      .option('--dry-run', 'say how many runs, how many after each other, and how long; make nothing')
      .option('--detach', 'on a server: print its id, and do not wait for its end'),
  )
    .addHelpText(
      'after',
      `
Examples:
  sluice backfills create sales+ --partition 2026-01-01..2026-03-31
  sluice backfills create group:marts --partition missing --concurrency 2 --dry-run
  sluice backfills create sales --partition all --per-run 7
  sluice backfills create cells --partition '2026-01-01..2026-01-31|eu,us' --by region
${exitCodeHelp}`,
    )
    .action((selection: string, file: string | undefined, options: CreateOptions) =>
      finish(
        import('../backfills/create.ts').then(({ createBackfill }) =>
          createBackfill(selection, file, options, version),
        ),
        options,
      ),
    )
}
