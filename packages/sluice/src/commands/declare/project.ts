import type { Command } from 'commander'
import type { CollectOptions } from '../collect.ts'
import type { InitOptions } from '../init/init.ts'
import type { PruneOptions } from '../prune.ts'
import type { ValidateOptions } from '../validate.ts'
import { finish } from './finish.ts'

interface Json {
  readonly json?: boolean
}

/** What is about the project as a whole. */
export function declareProject(program: Command): void {
  program
    .command('validate')
    .summary('load and check definitions without running them')
    .description(
      'Loads the definitions and looks for what cannot work: edges, partitions, configuration, SQL. Runs nothing.',
    )
    .argument('[file]', 'a file that exports definitions (default: the entry of sluice.config.ts)')
    .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice validate
  sluice validate pipeline.ts --env prod`,
    )
    .action((file: string | undefined, options: ValidateOptions) =>
      finish(
        import('../validate.ts').then(({ validate }) => validate(file, options)),
        options,
      ),
    )

  program
    .command('doctor')
    .summary('look at what runs rest on: Node, packages, disk, store')
    .description('Looks at Node, packages, configuration, the disk and the store. Runs nothing of yours.')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice doctor`,
    )
    .action((options: Json) =>
      finish(
        import('../doctor.ts').then(({ doctor }) => doctor(options)),
        options,
      ),
    )

  program
    .command('init')
    .summary('a small project that works')
    .description('Makes a small project that works and pins its own Node; in a package that exists, adds to it.')
    .argument('[dir]', 'where (default: asks, or here)')
    .option('--yes', 'ask nothing')
    .option('--json', 'as JSON: the files that were written')
    .addHelpText(
      'after',
      `
Examples:
  sluice init my-pipeline
  sluice init .                                in the package that is here
  sluice init packages/etl                     a new package of a monorepo`,
    )
    .action((dir: string | undefined, options: InitOptions) =>
      finish(
        import('../init/init.ts').then(({ init }) => init(dir, options)),
        options,
      ),
    )

  declareDb(program)
  declareValues(program)

  program
    .command('completion')
    .summary('a completion script for your shell')
    .description('Prints a script that completes commands, options, and the names of what there is.')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      `
Examples:
  eval "$(sluice completion bash)"             in ~/.bashrc
  eval "$(sluice completion zsh)"              in ~/.zshrc
  sluice completion fish | source              in ~/.config/fish/config.fish`,
    )
    .action((shell: string) => finish(import('../completion.ts').then(({ completion }) => completion(shell, program))))

  // What completion scripts ask.
  program
    .command('names', { hidden: true })
    .argument('<kind>')
    .action((kind: string) => finish(import('../names.ts').then(({ printNames }) => printNames(kind))))
}

function declareDb(program: Command): void {
  const db = program
    .command('db')
    .summary('the store: backup, restore, check, prune, migrate')
    .description('Looks after the store of runs and records (.sluice/sluice.db, or a PostgreSQL database).')

  db.command('backup')
    .description('Copies the store to a file, while others go on writing to it.')
    .argument('[file]', 'where to (default: below .sluice/backups)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice db backup before-upgrade.db`,
    )
    .action((file: string | undefined, options: Json) =>
      finish(
        import('../db.ts').then(({ backupDb }) => backupDb(file, options)),
        options,
      ),
    )

  db.command('restore')
    .description('Puts a backup in the place of the store, after looking whether it is whole.')
    .argument('<file>', 'a file that `sluice db backup` wrote')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice db restore before-upgrade.db`,
    )
    .action((file: string, options: Json) =>
      finish(
        import('../db.ts').then(({ restoreDb }) => restoreDb(file, options)),
        options,
      ),
    )

  db.command('check')
    .description('Reads every page of the store and looks for what contradicts itself.')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice db check`,
    )
    .action((options: Json) =>
      finish(
        import('../db.ts').then(({ checkDb }) => checkDb(options)),
        options,
      ),
    )

  db.command('prune')
    .description(
      'Deletes history that is too old, a bite at a time, also while a server works. What is current stays: runs that are not over, the latest record of each asset and partition, the latest result of each check.',
    )
    .option('--runs <duration>', 'runs that ended so long ago, with all of theirs: 30d')
    .option('--logs <duration>', 'lines of logs of runs that are over')
    .option('--events <duration>', 'events, and alerts that have left')
    .option('--ticks <duration>', 'what schedules and sensors decided')
    .option('--conditions <duration>', 'why conditions requested something or did not (default: as --ticks)')
    .option('--dry-run', 'only count')
    .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Without a duration it goes by retention of sluice.config.ts.

Examples:
  sluice db prune --dry-run
  sluice db prune --runs 90d --logs 14d`,
    )
    .action((options: PruneOptions) =>
      finish(
        import('../prune.ts').then(({ prune }) => prune(options)),
        options,
      ),
    )

  db.command('migrate')
    .description('Brings the schema of the store up to date. Commands that open the store do so too.')
    .option('--to <url>', 'move the SQLite store, with all its history, to this PostgreSQL database')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice db migrate
  sluice db migrate --to postgres://sluice@db.example.com/sluice`,
    )
    .action((options: Json & { to?: string }) =>
      finish(
        import('../db.ts').then(({ migrateDb }) => migrateDb(options)),
        options,
      ),
    )
}

function declareValues(program: Command): void {
  const values = program
    .command('values')
    .summary('what assets and steps hold: collect')
    .description('Looks after stored values.')

  values
    .command('collect')
    .description('Deletes values that nobody needs: old ones that are not the latest, and what lost attempts wrote.')
    .argument('[file]', 'a file that exports definitions (default: the entry of sluice.config.ts)')
    .option('--keep <duration>', 'how old they must be: 12h, 30d (default: keepValues of sluice.config.ts, or 30d)')
    .option('--dry-run', 'only count')
    .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice values collect --dry-run
  sluice values collect --keep 7d`,
    )
    .action((file: string | undefined, options: CollectOptions) =>
      finish(
        import('../collect.ts').then(({ collect }) => collect(file, options)),
        options,
      ),
    )
}
