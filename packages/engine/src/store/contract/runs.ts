import { expect, test } from 'vitest'
import { aRun, claim, create, drop, end, id, ok, record, aStep, running, types, type WithStore } from './rows.ts'

export function runChanges(the: WithStore): void {
  test('run.create stores every column, and leaves an id that exists as it is', async () => {
    const run = aRun(1, {
      target: { kind: 'assets', selection: 'orders+', assets: ['orders', 'sums'], partitions: ['2026-01-01'] },
      name: 'orders+',
      title: 'January',
      params: '{"a":1}',
      tags: { team: 'data' },
      retryOf: id(9),
      waitingFor: { for: 'time', until: 7 },
    })
    expect(await the().commit([{ change: 'run.create', run }])).toEqual([ok])
    expect(await the().runs.get(run.id)).toEqual(run)
    expect(await the().commit([create(1, { name: 'other' })])).toEqual([ok])
    expect(await the().runs.get(run.id)).toEqual(run)
    expect(types(await the().events.list({}))).toEqual(['run.created'])
  })

  test('run.claim starts it once: epoch, owner, version, time', async () => {
    await the().commit([create(1)])
    expect(await the().commit([claim(id(1))])).toEqual([ok])
    expect(await the().runs.get(id(1))).toEqual(
      aRun(1, { state: 'running', waitingFor: null, epoch: 1, owner: 'o1', codeVersion: 'c1', startedAt: 1500 }),
    )
    expect(await the().commit([claim(id(1), 0, 'o2'), claim(id(1), 1, 'o2'), claim(id(7))])).toEqual([
      drop('STALE_EPOCH'),
      drop('NOT_CLAIMABLE'),
      drop('RUN_UNKNOWN'),
    ])
    expect((await the().runs.get(id(1)))?.owner).toBe('o1')
  })

  test('of claims at the same time one wins', async () => {
    await the().commit([create(1)])
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => the().commit([claim(id(1), 0, owner)])))
    expect(answers.flat().filter((answer) => answer.ok)).toHaveLength(1)
    const run = await the().runs.get(id(1))
    expect(run?.epoch).toBe(1)
    expect(['a', 'b', 'c', 'd'].findIndex((owner) => owner === run?.owner)).toBe(
      answers.findIndex(([answer]) => answer!.ok),
    )
  })

  test('a claim that is sent again changes nothing', async () => {
    await running(the(), 1)
    expect(await the().commit([claim(id(1))])).toEqual([ok])
    expect((await the().runs.get(id(1)))?.epoch).toBe(1)
    expect(types(await the().events.list({}))).toEqual(['run.created', 'run.started'])
  })

  test('run.end: the first terminal transition wins', async () => {
    const run = await running(the(), 1)
    expect(await the().commit([end(run, 1, 'failed'), end(run, 1, 'succeeded')])).toEqual([ok, drop('RUN_ENDED')])
    expect(await the().runs.get(run)).toMatchObject({
      state: 'failed',
      owner: null,
      endedAt: 9000,
      error: { code: 'STEP_FAILED' },
    })
    expect(await the().commit([end(run, 1, 'failed')])).toEqual([ok]) // sent again
    expect(await the().commit([claim(run, 1), { change: 'run.cancel', run, at: 1 }])).toEqual([drop('RUN_ENDED'), ok])
    expect(types(await the().events.list({ run }))).toEqual(['run.created', 'run.started', 'run.failed'])
  })

  test('run.end keeps the result, inline or by reference', async () => {
    const results = [{ inline: '{"a":1}' }, { io: 'files', ref: { path: 'x' }, bytes: 7, rows: null }, { inline: '' }]
    for (const [nth, result] of results.entries()) {
      const run = await running(the(), nth + 1)
      await the().commit([{ change: 'run.end', run, epoch: 1, state: 'succeeded', error: null, result, at: 1 }])
      expect((await the().runs.get(run))?.result).toEqual(result)
    }
  })

  test('a crashed run is claimed again, with a new epoch and a resume; what it began stays', async () => {
    const run = await running(the(), 1)
    await the().commit([end(run, 1, 'crashed')])
    expect(await the().commit([claim(run, 0), claim(run, 1, 'o2')])).toEqual([drop('STALE_EPOCH'), ok])
    expect(await the().runs.get(run)).toMatchObject({
      state: 'running',
      epoch: 2,
      owner: 'o2',
      resumes: 1,
      startedAt: 1500,
      endedAt: null,
      error: null,
      codeVersion: 'c1',
    })
    expect(await the().commit([end(run, 1, 'succeeded'), record(aStep(run, 1), 1)])).toEqual([
      drop('STALE_EPOCH'),
      drop('STALE_EPOCH'),
    ])
    expect(types(await the().events.list({ run }))).toEqual([
      'run.created',
      'run.started',
      'run.crashed',
      'run.resumed',
    ])
  })

  test('run.requeue gives it back; its holder cannot end it well any more', async () => {
    const run = await running(the(), 1)
    expect(await the().commit([{ change: 'run.requeue', run, epoch: 1, until: 77, at: 1 }])).toEqual([ok])
    expect(await the().runs.get(run)).toMatchObject({
      state: 'waiting',
      owner: null,
      waitingFor: { for: 'time', until: 77 },
      resumes: 0,
    })
    expect(await the().commit([end(run, 1, 'succeeded')])).toEqual([drop('STALE_EPOCH')])
    expect(await the().commit([{ change: 'run.requeue', run, epoch: 0, until: null, at: 1 }])).toEqual([
      drop('STALE_EPOCH'),
    ])
    expect(await the().commit([claim(run, 1, 'o2')])).toEqual([ok])
    expect(await the().runs.get(run)).toMatchObject({ state: 'running', epoch: 2, resumes: 0 })
  })

  test('run.requeue of a crashed run counts as a resume', async () => {
    const run = await running(the(), 1)
    await the().commit([end(run, 1, 'crashed')])
    expect(await the().commit([{ change: 'run.requeue', run, epoch: 1, until: null, at: 1 }])).toEqual([ok])
    expect(await the().runs.get(run)).toMatchObject({
      state: 'waiting',
      endedAt: null,
      resumes: 1,
      waitingFor: { for: 'worker' },
    })
  })

  test('run.cancel: a waiting run ends, an active one is asked to, an ended one stays, a crashed one is given up', async () => {
    await the().commit([create(1)])
    const active = await running(the(), 2)
    const done = await running(the(), 3)
    const crashed = await running(the(), 4)
    await the().commit([end(done, 1, 'succeeded'), end(crashed, 1, 'crashed')])
    const cancel = (run: string) => ({ change: 'run.cancel', run, at: 50 }) as const
    expect(
      await the().commit([cancel(id(1)), cancel(active), cancel(active), cancel(done), cancel(crashed), cancel(id(9))]),
    ).toEqual([ok, ok, ok, ok, ok, drop('RUN_UNKNOWN')])
    const states = await Promise.all([1, 2, 3, 4].map(async (nth) => (await the().runs.get(id(nth)))?.state))
    expect(states).toEqual(['canceled', 'canceling', 'succeeded', 'canceled'])
    expect(await the().runs.get(active)).toMatchObject({ cancelRequested: true, owner: 'o1' })
    expect(types(await the().events.list({ run: active }))).toEqual(['run.created', 'run.started', 'run.canceling'])
    expect(await the().commit([record(aStep(active, 1)), end(active, 1, 'canceled')])).toEqual([ok, ok])
  })

  test('a run that is to be canceled ends canceled when its process dies or gives it back', async () => {
    const runs = [await running(the(), 1), await running(the(), 2)]
    await the().commit(runs.map((run) => ({ change: 'run.cancel', run, at: 1 }) as const))
    await the().commit([
      end(runs[0]!, 1, 'crashed'),
      { change: 'run.requeue', run: runs[1]!, epoch: 1, until: null, at: 1 },
    ])
    for (const run of runs) expect(await the().runs.get(run)).toMatchObject({ state: 'canceled', owner: null })
  })
}
