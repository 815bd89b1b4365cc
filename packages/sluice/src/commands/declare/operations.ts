import type { Command } from 'commander'
import type { AlertsOptions } from '../alerts/alerts.ts'
import type { ServiceOptions } from '../service/service.ts'
import { finish } from './finish.ts'

/** What keeps an installation going: who is told, what starts with the machine. */
export function declareOperations(program: Command): void {
  declareAlerts(program)
  declareService(program)
}

function declareAlerts(program: Command): void {
  const alerts = program
    .command('alerts')
    .summary('what people are told: list, test')
    .description('Messages about what needs a person, as `alerts` of sluice.config.ts says.')
  const common = (command: Command): Command =>
    command
      .option('--server <url>', 'the server (default: SLUICE_SERVER, or http://127.0.0.1:4747)')
      .option('--json', 'as JSON')

  common(alerts.command('test').description('Sends a test message to every receiver, and says what came back.'))
    .option('--location <name>', 'only those of this location')
    .addHelpText('after', '\nExamples:\n  sluice alerts test')
    .action((options: AlertsOptions) =>
      finish(
        import('../alerts/alerts.ts').then(({ testAlerts }) => testAlerts(options)),
        options,
      ),
    )
  common(alerts.command('list').description('What people were told, or will be, newest first.'))
    .option('--limit <count>', 'at most so many', '20')
    .addHelpText('after', '\nExamples:\n  sluice alerts list')
    .action((options: AlertsOptions) =>
      finish(
        import('../alerts/alerts.ts').then(({ listAlerts }) => listAlerts(options)),
        options,
      ),
    )
}

function declareService(program: Command): void {
  const service = program
    .command('service')
    .summary('start with the machine: install, uninstall, status')
    .description('Keeps sluice dev, server or worker going for this project, by systemd.')

  service
    .command('install')
    .description('Writes a unit of systemd, and starts it. What follows -- goes to the command.')
    .argument('<what>', 'dev, server or worker')
    .argument('[args...]', 'its options, after --')
    .option('--system', 'for the machine, not for your session')
    .option('--user <name>', 'of --system: whose processes (default: who owns the project)')
    .option('--name <name>', 'of the unit (default: sluice-PROJECT-WHAT)')
    .option('--env-file <file>', 'variables of the service, SLUICE_TOKEN above all (default: .sluice/service.env)')
    .option('--stop-within <seconds>', 'how long it has to give runs back when it stops', '30')
    .option('--no-start', 'only write it')
    .option('--print', 'only show it')
    .addHelpText(
      'after',
      `
Examples:
  sluice service install dev
  sluice service install worker -- --server https://sluice.example.com --pool heavy --slots 8
  sudo npx sluice service install server --system -- --host 0.0.0.0 --allow-host sluice.example.com`,
    )
    .action((what: string, args: readonly string[], options: ServiceOptions) =>
      finish(
        import('../service/service.ts').then(({ installService }) => installService(what, args, options)),
        {},
      ),
    )
  service
    .command('uninstall')
    .description('Stops it, and removes the unit.')
    .argument('<what>', 'dev, server or worker')
    .option('--system', 'that of the machine')
    .option('--name <name>', 'of the unit (default: sluice-PROJECT-WHAT)')
    .addHelpText('after', '\nExamples:\n  sluice service uninstall dev')
    .action((what: string, options: ServiceOptions) =>
      finish(
        import('../service/service.ts').then(({ uninstallService }) => uninstallService(what, options)),
        {},
      ),
    )
  service
    .command('status')
    .description('The services of this project, and whether they run.')
    .option('--system', 'those of the machine')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  sluice service status')
    .action((options: ServiceOptions) =>
      finish(
        import('../service/service.ts').then(({ serviceStatus }) => serviceStatus(options)),
        options,
      ),
    )
}
