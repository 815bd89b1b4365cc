import { toStoredError, decode } from '@sluice/core'
import { createProgress } from './progress/model.ts'
import { json } from './terminal.ts'
import type { RunView } from './view.ts'

/** For scripts: one JSON object a line, the last of them `run.ended`. What the code prints goes to the error stream. */
export function jsonView(): RunView {
  const progress = createProgress()
  return {
    started: (run, { isNew, total }) =>
      Promise.resolve(json({ type: isNew ? 'run.started' : 'run.resumed', at: Date.now(), run, total })),
    committed(changes) {
      progress.apply(changes)
      for (const change of changes) {
        if (change.change === 'step.record' && change.step.step !== 0)
          json({ type: 'step', at: Date.now(), step: change.step })
        else if (change.change === 'asset.record')
          json({
            type: `asset.${change.materialization.kind === 'observation' ? 'observed' : 'materialized'}`,
            at: change.materialization.at,
            materialization: change.materialization,
          })
        else if (change.change === 'check.record')
          json({ type: 'check.evaluated', at: change.result.at, check: change.result })
        else if (change.change === 'event.add') json({ ...change.event })
      }
    },
    logged: ({ at, level, message, step, data }) =>
      json({ type: 'log', at, level, step, message, data: data === null ? null : plain(data) }),
    output: (text) => void process.stderr.write(text),
    note: (level, message) => json({ type: 'log', at: Date.now(), level, step: 0, message, data: null }),
    blocked: (ms) => json({ type: 'run.blocked', at: Date.now(), ms }),
    canceling: () => json({ type: 'run.canceling', at: Date.now() }),
    async ended(run, answer) {
      const result =
        answer.state === 'succeeded' && answer.result && 'inline' in answer.result
          ? plain(answer.result.inline)
          : undefined
      json({
        type: 'run.ended',
        at: Date.now(),
        state: run.state,
        run,
        result,
        error: run.error ?? (answer.state === 'succeeded' ? null : answer.error),
        steps: progress.counts,
      })
    },
    inFlight: () => [...progress.open.values()].map(({ name }) => name),
    close: () => {},
  }
}

/** An encoded value as plain JSON where it is that, else as its encoding. */
function plain(text: string): unknown {
  try {
    const value = decode(text)
    JSON.stringify(value)
    return value
  } catch {
    return text
  }
}

/** The last line of a command that failed before there was a run. */
export const jsonError = (error: unknown): void => json({ type: 'error', at: Date.now(), error: toStoredError(error) })
