/** A program that is killed and run again until it is through. */
export interface Scenario {
  readonly name: string
  /** How its run ends. */
  readonly state: 'succeeded' | 'failed'
  /** Is the value the same in each undisturbed run, apart from marks? Its property `fixed` always is. */
  readonly ordered: boolean
  /** Is a failed step tried again with its parent? Then its outcome is not final. */
  readonly voids: boolean
}

const plain = { state: 'succeeded', ordered: true, voids: false } as const

export const scenarios: readonly Scenario[] = [
  { ...plain, name: 'map' },
  { ...plain, name: 'nested' },
  { ...plain, name: 'retries' },
  { ...plain, name: 'caught' },
  { ...plain, name: 'branches' },
  { ...plain, name: 'untracked' },
  { ...plain, name: 'files' },
  { ...plain, name: 'flow-retry', voids: true },
  { ...plain, name: 'late', ordered: false },
  { ...plain, name: 'assets', state: 'failed', ordered: false },
]

export function scenarioCalled(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name)
  if (!found)
    throw new Error(`No scenario is called "${name}". There are: ${scenarios.map((one) => one.name).join(', ')}.`)
  return found
}
