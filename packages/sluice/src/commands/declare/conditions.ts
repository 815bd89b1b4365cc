import type { Command } from 'commander'
import type { ConditionOptions, PauseOptions } from '../conditions/conditions.ts'
import { finish } from './finish.ts'

/** `sluice conditions …` */
export function declareConditions(program: Command): void {
  const conditions = program
    .command('conditions')
    .summary('what is made again by itself: list, history, pause, resume')
    .description('Looks at the conditions of assets and checks of a server, and pauses them.')

  common(conditions.command('list', { isDefault: true }).description('Lists what has a condition.'))
    .option('--location <name>', 'only of this location')
    .addHelpText('after', '\nExamples:\n  sluice conditions list')
    .action((options: ConditionOptions) =>
      finish(
        import('../conditions/conditions.ts').then(({ listConditions }) => listConditions(options)),
        options,
      ),
    )

  common(
    conditions
      .command('history')
      .description('What looks at a condition came to: where something was requested, or was other than before.')
      .argument('<asset>', 'of which asset'),
  )
    .option('--check <name>', 'of a check of it')
    .option('--limit <count>', 'at most so many', '20')
    .addHelpText('after', '\nExamples:\n  sluice conditions history marts/revenue\n  sluice assets why marts/revenue')
    .action((asset: string, options: ConditionOptions & { check?: string; limit: string }) =>
      finish(
        import('../conditions/conditions.ts').then(({ showHistory }) => showHistory(asset, options)),
        options,
      ),
    )

  const texts = {
    pause: 'Stops looking at a condition, or at all of them; a deploy does not change that.',
    resume: 'Lets it go on from now: what happened meanwhile is not made up for.',
  }
  for (const action of ['pause', 'resume'] as const)
    common(conditions.command(action).description(texts[action]).argument('[asset]', 'of which asset'))
      .option('--check <name>', 'of a check of it')
      .option('--all', 'all conditions')
      .addHelpText(
        'after',
        `\nExamples:\n  sluice conditions ${action} marts/revenue\n  sluice conditions ${action} --all`,
      )
      .action((asset: string | undefined, options: PauseOptions) =>
        finish(
          import('../conditions/conditions.ts').then(({ pauseConditions }) =>
            pauseConditions(asset, action === 'pause', options),
          ),
          options,
        ),
      )
}

const common = (command: Command): Command =>
  command
    .option('--server <url>', 'the address of the server (default: SLUICE_SERVER, or the one of this project)')
    .option('--json', 'as JSON')
