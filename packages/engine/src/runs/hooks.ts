import type { FlowDefinition, StoredError } from '@sluice/core'
import type { Session } from './session.ts'

const hookOf = { succeeded: 'onSuccess', failed: 'onFailure', crashed: 'onCrash', canceled: 'onCancel' } as const

/** Calls the flow's hook for this end. A hook that throws is an event; it changes nothing about the run. */
export async function runHook(
  session: Pick<Session, 'run' | 'outbox' | 'clock'>,
  flow: FlowDefinition,
  end: { params: unknown; state: keyof typeof hookOf; error: StoredError | undefined },
): Promise<void> {
  const hook = flow.options[hookOf[end.state]]
  if (!hook) return
  try {
    await hook({ run: session.run.id, flow: flow.name, ...end })
  } catch (error) {
    const data = { hook: hookOf[end.state], flow: flow.name, message: (error as Error).message }
    const event = {
      id: 0,
      type: 'hook.failed',
      at: session.clock.now(),
      run: session.run.id,
      step: null,
      asset: null,
      partition: null,
      data,
    } as const
    session.outbox.post({ change: 'event.add', epoch: session.run.epoch, event })
  }
}
