import type { Command } from 'commander'
import type { WorkersOptions } from '../workers/list.ts'
import { finish } from './finish.ts'

/** `sluice workers …`: who executes runs. */
export function declareWorkers(program: Command): void {
  const workers = program
    .command('workers')
    .summary('who executes runs, and what they have to say')
    .description('Shows the workers of a server.')

  const server = (command: Command): Command =>
    command
      .option('--server <url>', 'the server (default: SLUICE_SERVER, or the one that runs on this project)')
      .option('--json', 'as JSON')

  server(workers.command('list', { isDefault: true }).description('Every connected worker: pool, slots, code.'))
    .addHelpText('after', '\nExamples:\n  sluice workers list')
    .action((options: WorkersOptions) =>
      finish(
        import('../workers/list.ts').then(({ listWorkers }) => listWorkers(options)),
        options,
      ),
    )

  server(workers.command('logs').description('What a worker had to say for itself, also when it is gone.'))
    .argument('<worker>', 'its name')
    .addHelpText('after', '\nExamples:\n  sluice workers logs build-7')
    .action((worker: string, options: WorkersOptions) =>
      finish(
        import('../workers/logs.ts').then(({ showWorkerLogs }) => showWorkerLogs(worker, options)),
        options,
      ),
    )
}
