import { expect, test } from 'vitest'
import { fleetScenarios } from './fleet-scenarios.ts'
import { foundOut } from './hit-fleets.ts'

// That they pass with it is what `npm run chaos -- --all` shows.
test.for(fleetScenarios)(
  'without its protection "$name" is found out: $protection.guards',
  // What happens at random is tried with several seeds, and each may take minutes.
  { timeout: 900_000 },
  async (scenario, { skip }) => {
    const seen = await foundOut(scenario)
    if (seen === null) return skip('this machine lacks what it needs')
    expect(seen).toMatchObject({ found: true })
  },
)
