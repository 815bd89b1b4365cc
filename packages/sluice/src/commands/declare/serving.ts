import { type Command, Option } from 'commander'
import type { DeployOptions } from '../serve/deploy.ts'
import type { DevOptions } from '../serve/dev.ts'
import type { LocationsOptions } from '../serve/locations.ts'
import type { ServerCommandOptions } from '../serve/server.ts'
import type { WorkerCommandOptions } from '../serve/worker.ts'
import { finish, repeated } from './finish.ts'

/** What runs for a long time: server, workers, both at once. */
export function declareServing(program: Command, version: string): void {
  program
    .command('dev')
    .summary('server and worker on this machine, with code that reloads')
    .description('Starts a server and one worker here: schedules and sensors go on, saved code is used at once.')
    .argument('[file]', 'a file that exports definitions (default: the entry of sluice.config.ts)')
    .option('--port <number>', 'where the server listens', '4747')
    .option('--slots <number>', 'how many runs at once', '4')
    .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .addHelpText(
      'after',
      `
Examples:
  sluice dev                                   the project that is here
  sluice dev pipeline.ts --port 5000`,
    )
    .action((file: string | undefined, options: DevOptions) =>
      finish(
        import('../serve/dev.ts').then(({ dev }) => dev(file, options, version)),
        {},
      ),
    )

  program
    .command('server')
    .summary('the side that decides: API, queue, schedules')
    .description('Starts a server. It never loads user code: workers do, and connect to it.')
    .option('--host <address>', 'where it listens; any but this machine asks for a token', '127.0.0.1')
    .option('--port <number>', 'where it listens', '4747')
    .option('--store <url>', 'a folder for SQLite, or postgres://… (default: SLUICE_STORE, or .sluice)')
    .option('--lease <duration>', 'how long a worker lasts that is not heard of', '20s')
    .option('--allow-host <name>', 'a name that requests may come for (repeatable)', repeated)
    .addHelpText(
      'after',
      `
SLUICE_TOKEN is the token that every request must bring.

Examples:
  sluice server
  SLUICE_TOKEN=… sluice server --host 0.0.0.0 --allow-host sluice.example.com`,
    )
    .action((options: ServerCommandOptions) =>
      finish(
        import('../serve/server.ts').then(({ server }) => server(options, version)),
        {},
      ),
    )

  program
    .command('worker')
    .summary('the side that runs code: takes runs from a server')
    .description('Starts a worker with the code that is here. It connects to the server, never the other way round.')
    .argument('[file]', 'a file that exports definitions (default: the entry of sluice.config.ts)')
    .option('--server <url>', 'the server (default: SLUICE_SERVER, or http://127.0.0.1:4747)')
    .option('--pool <name>', 'whose runs it takes', 'default')
    .option('--slots <number>', 'how many runs at once', '4')
    .option('--name <name>', 'what it is called (default: the name of the machine)')
    .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .option('--spool <size>', 'what may wait on disk for a lost connection; then runs that print wait', '1 GB')
    .option('--activate', 'let new runs use its code, as a deploy would')
    .option('--deployed', 'get the code that was deployed, instead of what is in this folder')
    .addOption(new Option('--ipc', 'speak with the process that started it').hideHelp())
    .addOption(new Option('--reload', 'load saved code again, and let new runs use it').hideHelp())
    .addHelpText(
      'after',
      `
SLUICE_TOKEN is the token of the server. SIGTERM drains: runs go back to the queue and on elsewhere.

Examples:
  sluice worker --server https://sluice.example.com --pool heavy --slots 8
  sluice worker pipeline.ts --activate
  sluice worker --deployed                     on any machine: sluice deploy brings the code`,
    )
    .action((file: string | undefined, options: WorkerCommandOptions) =>
      finish(
        import('../serve/worker.ts').then(({ worker }) => worker(file, options, version)),
        {},
      ),
    )

  declareDeploying(program)
}

/** Code, and which of its versions counts. */
function declareDeploying(program: Command): void {
  program
    .command('deploy')
    .summary('bring the code that is here to the server')
    .description('Registers the code that is here, uploads its source and lockfile, and lets new runs use it.')
    .argument('[file]', 'a file that exports definitions (default: the entry of sluice.config.ts)')
    .option('--server <url>', 'the server (default: SLUICE_SERVER, or http://127.0.0.1:4747)')
    .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)')
    .option('--no-activate', 'only make the version known')
    .option('--no-bundle', 'upload nothing: workers have the code already, in their image')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
SLUICE_TOKEN is the token of the server. Files that git ignores, .env and node_modules stay here.

Examples:
  sluice deploy --server https://sluice.example.com
  sluice deploy --no-activate && sluice locations activate shop 3f2a9c`,
    )
    .action((file: string | undefined, options: DeployOptions) =>
      finish(
        import('../serve/deploy.ts').then(({ deploy }) => deploy(file, options)),
        options,
      ),
    )

  const locations = program
    .command('locations')
    .summary('bodies of code that the server knows, and their versions')
    .description('Shows which code the server knows, and says which version new runs use.')

  const server = (command: Command): Command =>
    command
      .option('--server <url>', 'the server (default: SLUICE_SERVER, or http://127.0.0.1:4747)')
      .option('--json', 'as JSON')

  server(
    locations.command('list').description('Every location, its active version, and what is wrong with newer code.'),
  )
    .addHelpText('after', '\nExamples:\n  sluice locations list')
    .action((options: LocationsOptions) =>
      finish(
        import('../serve/locations.ts').then(({ listLocations }) => listLocations(options)),
        options,
      ),
    )
  server(locations.command('versions').description('The versions of a location, the newest first.'))
    .argument('<location>', 'its name')
    .addHelpText('after', '\nExamples:\n  sluice locations versions shop')
    .action((location: string, options: LocationsOptions) =>
      finish(
        import('../serve/locations.ts').then(({ listVersions }) => listVersions(location, options)),
        options,
      ),
    )
  server(
    locations.command('activate').description('Lets new runs, schedules and sensors use a version: forward or back.'),
  )
    .argument('<location>', 'its name')
    .argument('<version>', 'the version, or how it begins')
    .addHelpText('after', '\nExamples:\n  sluice locations activate shop 3f2a9c')
    .action((location: string, version: string, options: LocationsOptions) =>
      finish(
        import('../serve/locations.ts').then(({ activateVersion }) => activateVersion(location, version, options)),
        options,
      ),
    )
}
