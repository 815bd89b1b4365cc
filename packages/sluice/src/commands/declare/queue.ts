import type { Command } from 'commander'
import type { PartitionOptions } from '../partitions/partitions.ts'
import type { QueueOptions } from '../queue/queue.ts'
import { finish, where } from './finish.ts'

/** What waits, and the keys of dynamic partitions. */
export function declareQueue(program: Command): void {
  ofServer(
    program
      .command('queue')
      .summary('how many runs wait, by pool')
      .description('Shows each pool: its slots, and how many runs wait for one, for a limit or for their time.'),
  )
    .addHelpText('after', '\nExamples:\n  sluice queue')
    .action((options: QueueOptions) =>
      finish(
        import('../queue/queue.ts').then(({ showQueue }) => showQueue(options)),
        options,
      ),
    )

  const limits = program
    .command('limits')
    .summary('what bounds runs and steps: list')
    .description('Looks at limits, of all their keys.')
  ofServer(
    limits
      .command('list', { isDefault: true })
      .description('Lists limits that are held or waited for, and which runs hold them.'),
  )
    .addHelpText('after', '\nExamples:\n  sluice limits\n  sluice limits list --json')
    .action((options: QueueOptions) =>
      finish(
        import('../queue/queue.ts').then(({ listLimits }) => listLimits(options)),
        options,
      ),
    )
  declarePartitions(program)
}

const ofServer = (command: Command): Command =>
  command
    .option(
      '--server <url>',
      'the server (default: SLUICE_SERVER, what runs on this project, or http://127.0.0.1:4747)',
    )
    .option('--json', 'as JSON')

function declarePartitions(program: Command): void {
  const partitions = program
    .command('partitions')
    .summary('keys of dynamic partitions: list, add, remove')
    .description('Looks at and changes the keys of dynamic partitions: NAME is that of dynamic(NAME).')
  const common = (command: Command): Command => command.option(...where).option('--json', 'as JSON')

  common(partitions.command('list').description('Lists the keys, in the order they were added.'))
    .argument('<name>', 'of the set')
    .addHelpText('after', '\nExamples:\n  sluice partitions list customers')
    .action((name: string, options: PartitionOptions) =>
      finish(
        import('../partitions/partitions.ts').then(({ listKeys }) => listKeys(name, options)),
        options,
      ),
    )
  common(partitions.command('add').description('Adds keys; those that are there already stay.'))
    .argument('<name>', 'of the set')
    .argument('<keys...>', 'which')
    .addHelpText('after', '\nExamples:\n  sluice partitions add customers acme umbrella')
    .action((name: string, keys: readonly string[], options: PartitionOptions) =>
      finish(
        import('../partitions/partitions.ts').then(({ addKeys }) => addKeys(name, keys, options)),
        options,
      ),
    )
  common(partitions.command('remove').description('Removes keys; what was made of them stays in the history.'))
    .argument('<name>', 'of the set')
    .argument('<keys...>', 'which')
    .addHelpText('after', '\nExamples:\n  sluice partitions remove customers acme')
    .action((name: string, keys: readonly string[], options: PartitionOptions) =>
      finish(
        import('../partitions/partitions.ts').then(({ removeKeys }) => removeKeys(name, keys, options)),
        options,
      ),
    )
}
