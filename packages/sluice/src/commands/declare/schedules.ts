import { type Command, Option } from 'commander'
import type { ResumeOptions, SetOptions } from '../schedules/change.ts'
import type { TimedOptions } from '../schedules/find.ts'
import type { PreviewOptions } from '../schedules/preview.ts'
import type { TickOptions } from '../schedules/ticks.ts'
import type { TrialOptions } from '../schedules/trial.ts'
import type { SensorTrialOptions } from '../sensors/trial.ts'
import { finish, repeated } from './finish.ts'

/** `sluice schedules …` and `sluice sensors …` */
export function declareSchedules(program: Command): void {
  const schedules = program
    .command('schedules')
    .summary('what runs by the clock: list, show, preview, ticks, pause, resume, set, remove, test')
    .description('Looks at schedules of a server, and changes them.')

  common(schedules.command('list', { isDefault: true }).description('Lists schedules, those that tick next first.'))
    .addHelpText('after', '\nExamples:\n  sluice schedules list')
    .action((options: TimedOptions) =>
      finish(
        import('../schedules/list.ts').then(({ listSchedules }) => listSchedules(options)),
        options,
      ),
    )

  common(schedules.command('show').description('Shows one schedule, with its last ticks.').argument('<name>'))
    .addHelpText('after', '\nExamples:\n  sluice schedules show nightly')
    .action((name: string, options: TimedOptions) =>
      finish(
        import('../schedules/show.ts').then(({ showSchedule }) => showSchedule(name, options)),
        options,
      ),
    )

  common(
    schedules
      .command('preview')
      .description('When it ticks, with what daylight saving does to it. Without a server it looks at the definitions.')
      .argument('<name>')
      .argument('[file]', 'a file that exports definitions (default: the server, or the entry of sluice.config.ts)')
      .option('--from <time>', 'from when on: 2026-03-28, or with a time (default: now)')
      .option('--to <time>', 'until when')
      .option('--tz <zone>', 'whose local times to show (default: its own zone)')
      .option('--limit <count>', 'at most so many', '20')
      .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)'),
  )
    .addHelpText(
      'after',
      `
Examples:
  sluice schedules preview nightly
  sluice schedules preview nightly pipeline.ts --from 2026-03-28 --to 2026-03-31
  sluice schedules preview nightly --tz America/New_York`,
    )
    .action((name: string, file: string | undefined, options: PreviewOptions) =>
      finish(
        import('../schedules/preview.ts').then(({ previewSchedule }) => previewSchedule(name, file, options)),
        options,
      ),
    )

  ticksCommand(schedules, 'schedule')

  common(schedules.command('pause').description('Stops a schedule, also over deploys.').argument('<name>'))
    .addHelpText('after', '\nExamples:\n  sluice schedules pause nightly')
    .action((name: string, options: ResumeOptions) =>
      finish(
        import('../schedules/change.ts').then(({ pauseSchedule }) => pauseSchedule(name, true, options)),
        options,
      ),
    )

  common(
    schedules
      .command('resume')
      .description('Lets a schedule go on, from now: what was due meanwhile is not made up for.')
      .argument('<name>')
      .option('--as-code', 'as the code says, from now on'),
  )
    .addHelpText('after', '\nExamples:\n  sluice schedules resume nightly')
    .action((name: string, options: ResumeOptions) =>
      finish(
        import('../schedules/change.ts').then(({ pauseSchedule }) => pauseSchedule(name, false, options)),
        options,
      ),
    )

  declareSet(schedules)

  common(schedules.command('remove').description('Deletes a schedule that was made at run time.').argument('<name>'))
    .addHelpText('after', '\nExamples:\n  sluice schedules remove hourly-eu')
    .action((name: string, options: TimedOptions) =>
      finish(
        import('../schedules/change.ts').then(({ removeSchedule }) => removeSchedule(name, options)),
        options,
      ),
    )

  common(
    schedules
      .command('test')
      .description('Asks once what it would launch; nothing is launched. Without a server it asks the definitions.')
      .argument('<name>')
      .argument('[file]', 'a file that exports definitions (default: the server, or the entry of sluice.config.ts)')
      .option('--at <time>', 'the tick (default: its next one)')
      .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)'),
  )
    .addHelpText('after', '\nExamples:\n  sluice schedules test nightly --at 2026-01-05T02:00')
    .action((name: string, file: string | undefined, options: TrialOptions) =>
      finish(
        import('../schedules/trial.ts').then(({ testSchedule }) => testSchedule(name, file, options)),
        options,
      ),
    )

  declareSensors(program)
}

const common = (command: Command): Command =>
  command
    .option('--server <url>', 'the server (default: SLUICE_SERVER, or http://127.0.0.1:4747)')
    .option('--location <name>', 'whose (default: any that has it)')
    .option('--json', 'as JSON')

const outcomesOf = { schedule: ['launched', 'skipped', 'failed', 'missed'], sensor: ['launched', 'skipped', 'failed'] }

function ticksCommand(of: Command, kind: 'schedule' | 'sensor'): void {
  common(
    of
      .command('ticks')
      .description(`What was decided, and why, newest first; of one ${kind} or of all.`)
      .argument('[name]')
      .addOption(new Option('--outcome <outcome>', 'only these').choices(outcomesOf[kind]))
      .option('--limit <count>', 'at most so many', '20')
      .option('--before <id>', 'the next page'),
  )
    .addHelpText('after', `\nExamples:\n  sluice ${kind}s ticks --outcome failed`)
    .action((name: string | undefined, options: TickOptions) =>
      finish(
        import('../schedules/ticks.ts').then(({ listTicks }) => listTicks(kind, name, options)),
        options,
      ),
    )
}

function declareSet(schedules: Command): void {
  common(
    schedules
      .command('set')
      .description('Makes or changes a schedule at run time. Deploys do not touch it.')
      .argument('<name>')
      .requiredOption('--target <name>', 'a job, flow, task, asset or selection of assets')
      .option('--cron <expression>', 'when: five fields (repeatable)', repeated)
      .option('--every <duration>', 'when: so often, such as 15m')
      .option('--anchor <time>', 'a time that is a tick of --every')
      .option('--rrule <rule>', 'when: a rule of RFC 5545')
      .option('--tz <zone>', 'an IANA name (default: UTC)')
      .option('--param <name=value>', 'one param; JSON where it is JSON, else text (repeatable)', repeated)
      .option('--params <json>', 'all params as JSON')
      .option('--catch-up <policy>', 'of ticks that were missed: none, latest, all, or how many', 'latest')
      .option('--jitter <duration>', 'each run starts up to so much later')
      .option('--tag <tag=value>', 'of its runs (repeatable)', repeated)
      .option('--paused', 'until it is resumed'),
  )
    .addHelpText(
      'after',
      `
Examples:
  sluice schedules set hourly-eu --target sync --cron '0 * * * *' --param region=eu
  sluice schedules set payday --target report --rrule 'FREQ=MONTHLY;BYDAY=-1FR' --tz Europe/Madrid`,
    )
    .action((name: string, options: SetOptions) =>
      finish(
        import('../schedules/change.ts').then(({ setSchedule }) => setSchedule(name, options)),
        options,
      ),
    )
}

function declareSensors(program: Command): void {
  const sensors = program
    .command('sensors')
    .summary('what starts runs from anything else: list, show, ticks, pause, resume, test')
    .description('Looks at sensors of a server.')

  common(sensors.command('list', { isDefault: true }).description('Lists sensors.'))
    .addHelpText('after', '\nExamples:\n  sluice sensors list')
    .action((options: TimedOptions) =>
      finish(
        import('../sensors/sensors.ts').then(({ listSensors }) => listSensors(options)),
        options,
      ),
    )

  common(sensors.command('show').description('Shows one sensor: its cursor, and its last looks.').argument('<name>'))
    .addHelpText('after', '\nExamples:\n  sluice sensors show files')
    .action((name: string, options: TimedOptions) =>
      finish(
        import('../sensors/sensors.ts').then(({ showSensor }) => showSensor(name, options)),
        options,
      ),
    )

  ticksCommand(sensors, 'sensor')

  for (const [word, paused, text] of [
    ['pause', true, 'Stops a sensor, also over deploys.'],
    ['resume', false, 'Lets a sensor look again, from its cursor on.'],
  ] as const) {
    common(sensors.command(word).description(text).argument('<name>'))
      .addHelpText('after', `\nExamples:\n  sluice sensors ${word} files`)
      .action((name: string, options: TimedOptions) =>
        finish(
          import('../sensors/sensors.ts').then(({ pauseSensor }) => pauseSensor(name, paused, options)),
          options,
        ),
      )
  }

  common(
    sensors
      .command('test')
      .description('Looks once, and shows what it would do; nothing is launched or stored.')
      .argument('<name>')
      .argument('[file]', 'a file that exports definitions (default: the server, or the entry of sluice.config.ts)')
      .option('--cursor <json>', 'look from this cursor (default: the stored one)')
      .option('--env <name>', 'the environment of sluice.config.ts (default: SLUICE_ENV, or dev)'),
  )
    .addHelpText(
      'after',
      `\nExamples:\n  sluice sensors test files\n  sluice sensors test files pipeline.ts --cursor '{"seen": 7}'`,
    )
    .action((name: string, file: string | undefined, options: SensorTrialOptions) =>
      finish(
        import('../sensors/trial.ts').then(({ testSensor }) => testSensor(name, file, options)),
        options,
      ),
    )
}
