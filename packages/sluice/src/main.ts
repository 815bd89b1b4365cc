import './hide-environment.ts'
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { exitCodeHelp, exitCodes } from './commands/exit-codes.ts'
import { declareAssets } from './commands/declare/assets.ts'
import { declareBackfills } from './commands/declare/backfills.ts'
import { declareFailures } from './commands/declare/failures.ts'
import { declareOperations } from './commands/declare/operations.ts'
import { declareProject } from './commands/declare/project.ts'
import { declareQueue } from './commands/declare/queue.ts'
import { declareRunning } from './commands/declare/running.ts'
import { declareRuns } from './commands/declare/runs.ts'
import { declareConditions } from './commands/declare/conditions.ts'
import { declareSchedules } from './commands/declare/schedules.ts'
import { declareServing } from './commands/declare/serving.ts'
import { declareWorkers } from './commands/declare/workers.ts'
import { commandOf } from './terminal/shell.ts'
import { notes } from './terminal/terminal.ts'

const program = new Command('sluice')
  .description('Data orchestration for TypeScript: write, run and resume pipelines.')
  .version(version(), '-V, --version', 'print the version')
  .configureOutput({ outputError: (text, write) => write(usageError(text)) })
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  sluice init my-pipeline                      a small project that works
  sluice run pipeline.ts --param days=7        run the flow in a file
  sluice materialize +revenue --partition missing
  sluice runs show latest                      what happened
  sluice runs resume latest                    go on after a crash
${exitCodeHelp}`,
  )

declareRunning(program)
declareRuns(program)
declareFailures(program)
declareAssets(program)
declareQueue(program)
declareProject(program)
declareBackfills(program, version())
declareSchedules(program)
declareConditions(program)
declareServing(program, version())
declareWorkers(program)
declareOperations(program)

/** In the form of every other error: what is wrong, what was typed, what to type next. */
function usageError(text: string): string {
  const [what = '', meant] = text
    .trim()
    .replace(/^error: /, '')
    .split(/\.?\s*\(Did you mean (.+)\?\)/)
  const [command] = process.argv.slice(2).filter((word) => !word.startsWith('-'))
  const known = program.commands.some((one) => one.name() === command)
  const { style } = notes
  return [
    `${style.red('✗')} ${style.bold(style.red('USAGE'))} ${what.charAt(0).toUpperCase()}${what.slice(1)}.`,
    ...(meant === undefined ? [] : [`  ${style.dim('→')} Did you mean ${meant}?`]),
    `  ${style.dim('in')} ${commandOf('sluice', ...process.argv.slice(2))}`,
    `  ${style.dim('next')}  ${style.cyan(known ? `sluice ${command} --help` : 'sluice --help')}`,
    '',
  ].join('\n')
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
}
