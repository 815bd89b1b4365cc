import { rmSync } from 'node:fs'
import { test } from 'vitest'
import { campaign } from './campaign.ts'
import { copyWithout } from './copy-without.ts'
import { protections } from './protections.ts'

test.concurrent.for(protections)('without $name it is found out: $guards', async (protection, { expect }) => {
  const root = copyWithout(protection)
  const { failed, folder } = await campaign({ kills: 0, seed: 1, root, plans: protection.plans, untilFailed: true })
  rmSync(root, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
  expect(failed.length).toBeGreaterThan(0)
})
