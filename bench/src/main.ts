import { parseArgs } from 'node:util'

const usage = `npm run bench -- steps [options]   durable steps: rate, memory, resume, start-up, next to peers
npm run bench -- profile           where the time of 500 steps at once goes: a CPU profile, and its hottest functions

  --json             ends with one line of JSON
  --smoke            a few seconds: everything runs once, the figures mean little
  --folder PATH      where the stores are put: a folder on a disk (default: the system's folder for temporary files)
  --postgres URL     next to DBOS Transact on this Postgres (or SLUICE_BENCH_POSTGRES)
  --python PATH      next to Dagster and Prefect, where this Python has them`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    folder: { type: 'string' },
    postgres: { type: 'string', default: process.env['SLUICE_BENCH_POSTGRES'] },
    python: { type: 'string' },
  },
})

process.once('SIGINT', () => process.exit(130)) // what is temporary is taken away on exit
if (values.help) console.log(usage)
else if (positionals[0] === 'steps') await (await import('./steps/bench-steps.ts')).benchSteps(values)
else if (positionals[0] === 'profile') await (await import('./profile.ts')).profile(values)
else {
  console.error(usage)
  process.exitCode = 2
}
