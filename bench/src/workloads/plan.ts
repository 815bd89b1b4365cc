/** What a workload is to do, by its environment: the command gives it to the child process too. */
export interface Plan {
  /** Steps before the measured ones, in the same run. */
  readonly warm: number
  readonly count: number
  /** How many at once; 1 is one after another. */
  readonly width: number
  /** The file for what was measured. */
  readonly out: string
}

export function planned(): Plan {
  return JSON.parse(process.env['SLUICE_BENCH_PLAN'] ?? '{}') as Plan
}
