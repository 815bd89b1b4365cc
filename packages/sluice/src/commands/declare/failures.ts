import type { Command } from 'commander'
import type { FailureOptions, KnowOptions, ListOptions } from '../failures/failures.ts'
import { finish, where } from './finish.ts'

/** `sluice failures …` */
export function declareFailures(program: Command): void {
  const failures = program
    .command('failures')
    .summary('what failed, by cause: list, show, know')
    .description('Failed runs by what broke them. ID is a run that failed: its id, the beginning of it, or latest.')
  const common = (command: Command): Command => command.option(...where).option('--json', 'as JSON')

  common(
    failures
      .command('list', { isDefault: true })
      .description('Lists what failed, one row for one cause; what somebody knows of comes last.')
      .option('--since <time>', 'of runs made at or after: a date, a local time, an instant, or how long ago', '7d')
      .option('--owner <owner>', 'that this person or team answers for')
      .option('--limit <count>', 'of so many failed runs at most', '300'),
  )
    .addHelpText('after', '\nExamples:\n  sluice failures list --since 24h --owner team:data')
    .action((options: ListOptions) =>
      finish(
        import('../failures/failures.ts').then(({ listFailures }) => listFailures(options)),
        options,
      ),
    )
  common(
    failures
      .command('show')
      .description('Shows one cause: the error, the runs that failed of it, who knows of it.')
      .argument('[id]', 'a run that failed of it', 'latest'),
  )
    .addHelpText('after', '\nExamples:\n  sluice failures show latest')
    .action((id: string, options: FailureOptions) =>
      finish(
        import('../failures/failures.ts').then(({ showFailure }) => showFailure(id, options)),
        options,
      ),
    )
  common(
    failures
      .command('know')
      .description('Says that you know of a failure: for everybody, and of newer ones of the same cause too.')
      .argument('<id>', 'a run that failed of it')
      .option('--by <who>', 'who knows of it (default: the user of this machine)')
      .option('--undo', 'take it back: it is to be seen again'),
  )
    .addHelpText('after', '\nExamples:\n  sluice failures know latest\n  sluice failures know r0mws --undo')
    .action((id: string, options: KnowOptions) =>
      finish(
        import('../failures/failures.ts').then(({ knowFailure }) => knowFailure(id, options)),
        options,
      ),
    )
}
