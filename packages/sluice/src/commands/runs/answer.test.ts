import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RealProject, realProject } from '../../../fixtures/real-project.ts'

let project: RealProject
beforeEach(async () => {
  project = await realProject()
  await project.write({
    'publish.ts': `
import { approval, flow } from 'sluice'
import { z } from 'zod'
export const publish = flow('publish', async () => {
  const { ok, by } = await approval('go live', { schema: z.object({ ok: z.boolean() }) })
  return ok ? 'published by ' + by : 'held back'
})
`,
  })
})
afterEach(() => project.remove())

test('a run that waits for a person is answered from another process, and goes on', async () => {
  const asked = Promise.withResolvers<string>()
  const running = project.sluice(['run', 'publish.ts'], {
    onText(text) {
      const command = /sluice (runs answer (r\w{20}) --request 'go live')/.exec(text)
      if (command) asked.resolve(command[2]!)
    },
  })
  const run = await asked.promise

  const shown = (await project.sluice(['runs', 'show', run])).stdout
  expect(shown).toContain('waiting for a person: go live')
  expect(shown).toContain(`sluice runs answer ${run} --request 'go live'`)

  const empty = await project.sluice(['runs', 'answer', run])
  expect([empty.exitCode, empty.stderr]).toEqual([2, expect.stringContaining('No answer was given')])
  const wrong = await project.sluice(['runs', 'answer', run, '--param', 'ok=perhaps', '--by', 'ann'])
  expect(wrong.exitCode).toBe(0)
  const right = await project.sluice(['runs', 'answer', run, '--param', 'ok=true', '--by', 'ann'])
  expect([right.exitCode, right.stdout]).toEqual([0, expect.stringContaining('Answered "go live"')])

  const ended = await running
  expect([ended.exitCode, ended.stderr]).toEqual([0, expect.stringContaining('published by ann')])
  expect((await project.sluice(['runs', 'show', run])).stdout).toContain('The answer to "go live" does not fit')
  const late = await project.sluice(['runs', 'answer', run, '--param', 'ok=true'])
  expect([late.exitCode, late.stderr]).toEqual([2, expect.stringContaining('asks nothing now')])
})
