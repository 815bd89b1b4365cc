/** What a workload is to do. It comes by the environment, which the command gives to its child process too. */
export interface Plan {
  /** Steps of a run before the measured one, in the same process. Only a script makes them. */
  readonly before: number
  /** Steps before the measured ones, in the same run. */
  readonly warm: number
  readonly count: number
  /** How many at once; 1 is one after another. */
  readonly width: number
  /** The file for what was measured. */
  readonly out: string
}

/** Without a plan, what is loaded only to be looked at makes one step. */
export function planned(): Plan {
  const plan = process.env['SLUICE_BENCH_PLAN']
  return plan === undefined ? { before: 0, warm: 0, count: 1, width: 1, out: '/dev/null' } : (JSON.parse(plan) as Plan)
}
