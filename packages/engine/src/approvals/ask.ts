import { type ApprovalRequest, type SluiceEvent, SluiceError, isResumable, isTerminalRun, validate } from '@sluice/core'
import type { Session } from '../runs/session.ts'
import { type Frame, signalOf } from '../steps/frame.ts'
import { type StepSpec, performStep } from '../steps/perform.ts'
import type { StepReads, Store } from '../store/ports.ts'
import { pause } from '../steps/pause.ts'

/** How often a run that waits for a person looks whether one has answered. */
const pace = 500

export interface Answer {
  readonly value: unknown
  readonly by: string
}

/** A step that waits for a person. `known`: an answer that is there already, as in a test. */
export function askPerson(parent: Frame, request: ApprovalRequest, known: Answer | undefined): Promise<unknown> {
  const { name, options } = request
  const spec: StepSpec = {
    kind: 'step',
    name,
    base: `approval ${name}:`,
    key: null,
    keyed: false,
    args: null,
    upstream: null,
    retries: undefined,
    timeout: options.timeout,
    limits: [],
    tags: [...(options.assignees ?? [])],
    body: async (frame) => {
      frame.row = { ...frame.row, state: 'waiting', waitingFor: { for: 'person', request: name } }
      if (known) return accept(request, known)
      return await waitForAnswer(frame, request)
    },
  }
  return performStep(parent, spec)
}

async function accept({ name, options }: ApprovalRequest, { value, by }: Answer): Promise<unknown> {
  const result = await validate(options.schema, value)
  if ('value' in result) return { ...(result.value as object), by }
  const issues = result.issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  throw new SluiceError('PARAMS_INVALID', `The answer to "${name}" does not fit: ${issues}.`, {
    hint: 'Answer again, with the fields that the approval asks for.',
  })
}

async function waitForAnswer(frame: Frame, request: ApprovalRequest): Promise<unknown> {
  const { session } = frame
  const signal = signalOf(frame)
  let after = 0
  for (;;) {
    const events = await session.store.events.list({ run: session.run.id, after })
    after = events.at(-1)?.id ?? after
    for (const event of events) {
      const answer = answerIn(event, request.name)
      if (!answer) continue
      try {
        return await accept(request, answer)
      } catch (error) {
        warn(session, frame, error as Error)
      }
    }
    if (events.length === 0) await pause(pace, signal)
  }
}

function warn(session: Session, frame: Frame, error: Error): void {
  session.warn(frame.entry.step, 'PARAMS_INVALID', error.message)
}

function answerIn(event: SluiceEvent, name: string): Answer | undefined {
  if (event.type !== 'approval.answered') return undefined
  const data = event.data as { name: string; value: unknown; by: string }
  return data.name === name ? data : undefined
}

/** What a run asks people now: the names of its approvals, each once. */
export async function askedNow(
  store: { readonly steps: Pick<StepReads, 'list'> },
  run: string,
): Promise<readonly string[]> {
  const names = new Set<string>()
  for (let after = 0; ;) {
    const page = await store.steps.list(run, { after })
    for (const { state, waitingFor } of page)
      if (state === 'waiting' && waitingFor?.for === 'person') names.add(waitingFor.request)
    const last = page.at(-1)
    if (!last) return [...names]
    after = last.step
  }
}

/**
 * The one thing that a run asks.
 *
 * @throws SluiceError NOT_FOUND where it asks nothing, CONFLICT where it asks several.
 */
export async function theRequest(store: { readonly steps: Pick<StepReads, 'list'> }, run: string): Promise<string> {
  const asked = await askedNow(store, run)
  const [only] = asked
  if (only !== undefined && asked.length === 1) return only
  if (only === undefined)
    throw new SluiceError('NOT_FOUND', `Run ${run} asks nothing now.`, { hint: `sluice runs show ${run}` })
  throw new SluiceError('CONFLICT', `Run ${run} asks several things: say which.`, {
    hint: `One of: ${asked.join(', ')}. sluice runs answer ${run} --request '${only}'`,
  })
}

/**
 * Answers what a run asks a person, from any process with the store. The run checks the answer when it reads it, and
 * goes on waiting where it does not fit.
 *
 * @throws SluiceError RUN_UNKNOWN; RUN_NOT_RESUMABLE where the run is over.
 */
export async function answerApproval(
  store: Store,
  answer: { run: string; name: string; value: unknown; by: string; at: number },
): Promise<void> {
  const run = await store.runs.get(answer.run)
  if (!run)
    throw new SluiceError('RUN_UNKNOWN', `There is no run ${answer.run}.`, { hint: 'sluice runs list shows all.' })
  // A crashed run can be resumed, and then finds the answer.
  const isOver = isTerminalRun(run.state) && !isResumable(run.state)
  const data = { name: answer.name, value: answer.value as never, by: answer.by }
  const event = {
    id: 0,
    type: 'approval.answered',
    at: answer.at,
    run: run.id,
    step: null,
    asset: null,
    partition: null,
    data,
  } as const
  const [committed] = isOver ? [] : await store.commit([{ change: 'event.add', epoch: run.epoch, event }])
  if (!committed?.ok) {
    throw new SluiceError('RUN_NOT_RESUMABLE', `Run ${run.id} is ${run.state}: it waits for no answer.`, {
      hint: `sluice runs show ${run.id}`,
    })
  }
}
