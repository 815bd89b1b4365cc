import type { Run } from '@sluice/core'
import type { Change } from '@sluice/engine/store'

export function aFlowRun(id: string, over: Partial<Run> = {}): Change {
  const run: Run = {
    id,
    state: 'waiting',
    waitingFor: null,
    epoch: 0,
    target: { kind: 'flow', name: 'f' },
    name: 'f',
    title: null,
    params: null,
    tags: {},
    entry: null,
    codeVersion: null,
    owner: null,
    retryOf: null,
    resumes: 0,
    cancelRequested: false,
    error: null,
    result: null,
    createdAt: 1,
    startedAt: null,
    endedAt: null,
    ...over,
  }
  return { change: 'run.create', run }
}

export function aRecord(run: string, step: number): Change {
  return {
    change: 'step.record',
    epoch: 1,
    step: {
      run,
      step,
      parent: 0,
      kind: 'task',
      name: 't',
      identity: `t:h:${step}`,
      key: null,
      state: 'succeeded',
      waitingFor: null,
      attempt: 1,
      epoch: 1,
      floor: 0,
      seq: step,
      after: 0,
      tracked: true,
      startedAt: 1,
      endedAt: 2,
      args: null,
      upstream: null,
      result: { inline: String(step) },
      error: null,
      reason: null,
      cachedFrom: null,
      tags: [],
    },
  }
}
