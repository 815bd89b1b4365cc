import { parseArgs } from 'node:util'

const usage = `npm run bench -- steps [options]   durable steps: rate, memory, resume, start-up, next to peers
npm run bench -- launch [options]  launch to done through the server, sluice dev until it answers and while it idles
npm run bench -- queue [options]   the next of 1,000,000 waiting runs, and 10,000 over 50 pools
npm run bench -- schedules [options]  10,000 schedules that are due at the same second
npm run bench -- list [options]    the first page of 1,000,000 runs and every filter, on both engines
npm run bench -- ui [options]      the web app in Chromium: the first visit, requests, from an event to the screen
npm run bench -- brain [options]   selection, staleness, conditions and a million partitions: processor time
npm run bench -- delivery          how admitted runs reach workers on PostgreSQL: our own rows, next to pg-boss
npm run bench -- profile           where the time of 500 steps at once goes: a CPU profile, and its hottest functions

  --json             ends with one line of JSON
  --smoke            a few seconds: everything runs once, the figures mean little
  --folder PATH      where the stores are put: a folder on a disk (default: the system's folder for temporary files)
  --postgres URL     also on this PostgreSQL, in databases of its own; next to DBOS Transact (or SLUICE_BENCH_POSTGRES)
  --python PATH      next to Dagster and Prefect, where this Python has them`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    folder: { type: 'string' },
    postgres: { type: 'string', default: process.env['SLUICE_BENCH_POSTGRES'] || undefined },
    python: { type: 'string' },
  },
})

process.once('SIGINT', () => process.exit(130)) // what is temporary is taken away on exit
if (values.help) console.log(usage)
else if (positionals[0] === 'steps') await (await import('./steps/bench-steps.ts')).benchSteps(values)
else if (positionals[0] === 'launch') await (await import('./serving/bench-launch.ts')).benchLaunch(values)
else if (positionals[0] === 'queue') await (await import('./queue/bench-queue.ts')).benchQueue(values)
else if (positionals[0] === 'schedules') await (await import('./schedules/bench-schedules.ts')).benchSchedules(values)
else if (positionals[0] === 'list') await (await import('./lists/bench-list.ts')).benchList(values)
else if (positionals[0] === 'ui') await (await import('./pages/bench-ui.ts')).benchUi(values)
else if (positionals[0] === 'brain') await (await import('./brain/bench-brain.ts')).benchBrain(values)
else if (positionals[0] === 'delivery') await (await import('./delivery/bench-delivery.ts')).benchDelivery(values)
else if (positionals[0] === 'profile') await (await import('./profile.ts')).profile(values)
else {
  console.error(usage)
  process.exitCode = 2
}
