import type { Run, RunState, RunTarget } from '@sluice/core'

/** When the first run was made; the others came one a second. */
export const firstAt = Date.UTC(2026, 0, 1)
export const madeAt = (n: number): number => firstAt + n * 1000

const day = (n: number): string => new Date(Date.UTC(2024, 0, 1) + (n % 1000) * 86_400_000).toISOString().slice(0, 10)
/** One of so many, by chance, the same for the same number; `about` tells one use of it from another. */
function chance(n: number, about: number, of: number): number {
  let x = Math.imul(n + about * 0x9e3779b9, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 15), 0xc2b2ae35)
  return Math.floor((((x ^ (x >>> 13)) >>> 0) / 2 ** 32) * of)
}

/**
 * The nth run of a store that has been in use for long: two thirds belong to 200 jobs, a third to a selection of 5,000
 * assets and a day; of every hundred 4 failed, 1 crashed and 1 was canceled; a tenth has a title of its own. The oldest
 * 3% belong to a job that is gone, one in 100,000 is urgent.
 */
export function aRun(n: number, count: number): Run {
  const isOld = n < count * 0.03
  const isAssets = n % 3 === 0
  const job = isOld ? 'legacy-import' : `${isAssets ? 'refresh' : 'sync'}-${chance(n, 1, 200)}`
  const first = chance(n, 2, 5000)
  const assets = [`warehouse/a${first}`, `warehouse/a${(first + 1) % 5000}`]
  const target: RunTarget = isAssets
    ? { kind: 'assets', selection: job, assets, partitions: [day(chance(n, 3, 1000))] }
    : { kind: 'flow', name: job }
  const at = madeAt(n)
  const state = stateOf(n)
  return {
    id: `r${at.toString(36).padStart(9, '0')}${chance(n, 4, 36 ** 6)
      .toString(36)
      .padStart(11, '0')}`,
    state,
    waitingFor: null,
    epoch: 1,
    target,
    name: job,
    title: n % 10 === 0 ? `Load ${day(chance(n, 5, 1000))} of region ${chance(n, 6, 40)}` : null,
    params: `{"region":"region-${chance(n, 6, 40)}","full":false}`,
    tags: {
      team: `team-${chance(n, 7, 20)}`,
      env: chance(n, 9, 2) === 0 ? 'prod' : 'test',
      ...(n % 100_000 === 7 && { urgent: 'yes' }),
    },
    entry: null,
    codeVersion: '6f2c1b7a90de',
    owner: null,
    job,
    terms: null,
    cause: { by: 'schedule', name: job, scheduledFor: at },
    owners: [`team:team-${chance(n, 7, 20)}`],
    retryOf: null,
    resumes: 0,
    cancelRequested: state === 'canceled',
    error:
      state === 'failed'
        ? { name: 'Error', code: 'STEP_FAILED', message: 'The source did not answer.', stack: '' }
        : null,
    result: state === 'succeeded' ? { inline: '{"rows":1000}' } : null,
    createdAt: at,
    startedAt: at + 20,
    endedAt: at + 900,
  }
}

function stateOf(n: number): RunState {
  const by = chance(n, 8, 100)
  if (by < 4) return 'failed'
  if (by === 4) return 'crashed'
  return by === 5 ? 'canceled' : 'succeeded'
}

/** All of them, one after the other. */
export function* runsOf(count: number, make: (n: number, count: number) => Run = aRun): Generator<Run> {
  for (let n = 0; n < count; n++) yield make(n, count)
}

/** The nth run of a queue: it waits for a worker of one of so many pools, by one of 200 jobs. */
export function waitingRun(n: number, location: string, pools: number): Run {
  const at = madeAt(n)
  const job = `sync-${chance(n, 1, 200)}`
  return {
    ...aRun(n, 0),
    target: { kind: 'flow', name: job },
    name: job,
    job,
    title: null,
    tags: { team: `team-${chance(n, 7, 20)}` },
    state: 'waiting',
    waitingFor: { for: 'worker' },
    epoch: 0,
    codeVersion: null,
    cause: { by: 'schedule', name: job, scheduledFor: at },
    error: null,
    result: null,
    startedAt: null,
    endedAt: null,
    terms: {
      location,
      pool: `pool-${n % pools}`,
      priority: 0,
      limits: [],
      maxDuration: null,
      memory: null,
      maxResumes: 3,
      onCodeChange: 'resume',
    },
  }
}
