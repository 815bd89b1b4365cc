import { expect, test, vi } from 'vitest'
import { fleetScenarios } from './fleet-scenarios.ts'
import { foundOut } from './hit-fleets.ts'

vi.setConfig({ testTimeout: 240_000 })

// That they pass with it is what `npm run chaos -- --all` shows.
test.for(fleetScenarios)(
  'without its protection "$name" is found out: $protection.guards',
  async (scenario, { skip }) => {
    const seen = await foundOut(scenario)
    if (seen === null) return skip('this machine lacks what it needs')
    expect(seen).toMatchObject({ found: true })
  },
)
