import type { Command } from 'commander'
import type { ListOptions } from '../assets/list.ts'
import type { ShowOptions } from '../assets/show.ts'
import type { ValueOptions } from '../assets/value.ts'
import type { WhyAssetOptions } from '../assets/why.ts'
import type { HistoryOptions, WipeOptions } from '../assets/wipe.ts'
import type { DefinitionOptions } from '../assets/history.ts'
import type { ReportOptions } from '../assets/report.ts'
import { finish, repeated } from './finish.ts'

const environment = ['--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)'] as const

const server = [
  '--server <url>',
  'a server whose assets are meant (default: SLUICE_SERVER; else what is here)',
] as const

/** `sluice assets …` */
export function declareAssets(program: Command): void {
  const assets = program
    .command('assets')
    .summary('what there is: list, show, why, value; wipe, rename')
    .description('Looks at assets, what the code defines and what the store holds, and forgets or renames them.')

  assets
    .command('list', { isDefault: true })
    .description('Lists assets with when they were made.')
    .argument('[file]', 'a file that exports assets (default: the entry of sluice.config.ts; else what was ever made)')
    .option('--select <selection>', 'only these')
    .option(...environment)
    .option(...server)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice assets list
  sluice assets list pipeline.ts --select 'group:marts'`,
    )
    .action((file: string | undefined, options: ListOptions) =>
      finish(
        import('../assets/list.ts').then(({ listAssets }) => listAssets(file, options)),
        options,
      ),
    )

  assets
    .command('show')
    .description('Shows one asset: its edges, partitions, columns, checks and history.')
    .argument('<name>', 'which asset')
    .argument(
      '[file]',
      'the file that exports it (default: the entry of sluice.config.ts, or the file that made it last)',
    )
    .option('--partitions', 'only the state of its partitions, as ranges')
    .option(...environment)
    .option(...server)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice assets show marts/revenue
  sluice assets show sales --partitions
  sluice assets show marts/revenue --server https://sluice.example.com`,
    )
    .action((name: string, file: string | undefined, options: ShowOptions) =>
      finish(
        options.partitions
          ? import('../assets/partitions.ts').then(({ showPartitions }) => showPartitions(name, file, options))
          : import('../assets/show.ts').then(({ showAsset }) => showAsset(name, file, options)),
        options,
      ),
    )

  assets
    .command('why')
    .description('Says why the condition of an asset requests it, or does not: each part of it in a sentence.')
    .argument('<name>', 'which asset')
    .option('--partition <key>', 'which partition of it (default: all of them, with counts)')
    .option('--check <name>', 'a check of it')
    .option('--server <url>', 'the address of a server (default: SLUICE_SERVER, or the store of this project)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice assets why marts/revenue
  sluice assets why sales --partition 2026-01-31`,
    )
    .action((name: string, options: WhyAssetOptions) =>
      finish(
        import('../assets/why.ts').then(({ whyAsset }) => whyAsset(name, options)),
        options,
      ),
    )

  assets
    .command('value')
    .description('Prints what an asset holds: its first rows where it is a table or a list.')
    .argument('<name>', 'which asset')
    .argument(
      '[file]',
      'the file that exports it (default: the entry of sluice.config.ts, or the file that made it last)',
    )
    .option('--partition <key>', 'which partition of it')
    .option('--limit <count>', 'how many rows', '10')
    .option(...environment)
    .option(...server)
    .option('--json', 'one JSON object a row')
    .addHelpText(
      'after',
      `
Examples:
  sluice assets value marts/revenue --limit 20
  sluice assets value sales --partition 2026-01-31 --json | jq .cents`,
    )
    .action((name: string, file: string | undefined, options: ValueOptions) =>
      finish(
        import('../assets/value.ts').then(({ showValue }) => showValue(name, file, options)),
        options,
      ),
    )

  assets
    .command('history')
    .description('Shows how the definition of an asset changed, from version to version of the code.')
    .argument('<name>', 'which asset')
    .option('--location <name>', 'whose code, where several have an asset of the name')
    .option('--limit <count>', 'how many changes', '20')
    .option('--server <url>', 'a server (default: the one that runs here; else the store)')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', '\nExample:\n  sluice assets history marts/revenue')
    .action((name: string, options: DefinitionOptions) =>
      finish(
        import('../assets/history.ts').then(({ showDefinitions }) => showDefinitions(name, options)),
        options,
      ),
    )

  const history = ['--history <keep|clear>', 'what was: keep leaves it in the history, clear deletes it'] as const
  const changed = ['--server <url>', 'a server (default: the one that runs here; else the store)'] as const

  assets
    .command('wipe')
    .description('Forgets that an asset was made: it, or these partitions of it, are missing again.')
    .argument('<name>', 'which asset')
    .argument('[file]', 'the file that exports it, for ranges of keys (default: the entry of sluice.config.ts)')
    .option('--partition <keys>', 'only these: A, A..B, A,B or all (default: everything)')
    .requiredOption(...history)
    .option(...environment)
    .option(...changed)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice assets wipe sales --partition 2026-01-01..2026-01-31 --history keep
  sluice assets wipe old/orders --history clear`,
    )
    .action((name: string, file: string | undefined, options: WipeOptions) =>
      finish(
        import('../assets/wipe.ts').then(({ wipe }) => wipe(name, file, options)),
        options,
      ),
    )

  assets
    .command('report')
    .description('Tells that something else made an asset, looked at it, or tested it.')
    .argument('<name>', 'which asset')
    .argument('[file]', 'the file that exports it, where no server runs (default: the entry of sluice.config.ts)')
    .option('--observation', 'it was looked at (default: it was made)')
    .option('--check <check>', 'it was tested: by this check')
    .option('--result <passed|failed|unknown>', 'what the check came to')
    .option('--severity <warn|error>', 'of the check (default: as the code says, else error)')
    .option('--partition <key>', 'which partition of it')
    .option('--data-version <version>', 'what the data is: equal versions are equal data (default: new)')
    .option('--metadata <name=value>', 'a fact; JSON where it is JSON, else text (repeatable)', repeated)
    .option('--at <time>', 'when it happened: a local time or an instant (default: now)')
    .option('--once <word>', 'a second report with the same word records nothing')
    .option(...environment)
    .option(...changed)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sluice assets report vendor/prices --data-version 2026-03-01 --metadata rows=1200 --once load-417
  sluice assets report vendor/prices --check complete --result failed --metadata missing=3`,
    )
    .action((name: string, file: string | undefined, options: ReportOptions) =>
      finish(
        import('../assets/report.ts').then(({ report }) => report(name, file, options)),
        options,
      ),
    )

  assets
    .command('rename')
    .description('Lets an asset go on under another name, with its history or without.')
    .argument('<old>', 'the name that it has in the store')
    .argument('<new>', 'the name that it has in the code from now on')
    .requiredOption(...history)
    .option(...changed)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
What was made from it stays up to date where the history is kept.

Example:
  sluice assets rename orders raw/orders --history keep`,
    )
    .action((from: string, to: string, options: HistoryOptions) =>
      finish(
        import('../assets/wipe.ts').then(({ rename }) => rename(from, to, options)),
        options,
      ),
    )
}
