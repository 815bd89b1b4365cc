import { type Definitions, type FlowDefinition, type RunTarget, SluiceError, decode, dynamicSets } from '@sluice/core'
import { partitionSets } from '../assets/plan.ts'
import { runAssets } from '../assets/run-assets.ts'
import type { Frame } from '../steps/frame.ts'
import { performStep } from '../steps/perform.ts'
import { taskSpec } from '../tasks/spec.ts'
import { parseParams } from './params.ts'
import type { Session } from './session.ts'

/** What a run executes, found among the definitions. */
export interface Target {
  readonly kind: RunTarget['kind']
  readonly flow: FlowDefinition | undefined
  readonly retries: FlowDefinition['options']['retries']
  readonly timeout: FlowDefinition['options']['timeout']
  readonly resources: Iterable<Definitions['resources'] extends ReadonlyMap<string, infer R> ? R : never>
  body(frame: Frame): unknown
}

/** @throws SluiceError TARGET_UNKNOWN where the code does not have it. */
export function targetOf(session: Session): Target {
  const { run, definitions } = session
  const { target } = run
  const params: unknown = run.params === null ? undefined : decode(run.params)
  const none = { flow: undefined, retries: undefined, timeout: undefined, resources: [] } as const
  if (target.kind === 'assets' || target.kind === 'checks') {
    const resources = target.assets.flatMap((name) =>
      Object.values(definitions.assets.get(name)?.options.resources ?? {}),
    )
    return { ...none, kind: target.kind, resources, body: (frame) => assetsBody(frame, target) }
  }
  if (target.kind === 'flow') {
    const flow = definitions.flows.get(target.name)
    if (!flow) throw unknownTarget('flow', target.name, [...definitions.flows.keys()])
    const { retries, timeout } = flow.options
    return {
      ...none,
      kind: 'flow',
      flow,
      retries,
      timeout,
      body: async () => flow.run(await parseParams(flow, params)),
    }
  }
  const task = definitions.tasks.get(target.name)
  if (!task) throw unknownTarget('task', target.name, [...definitions.tasks.keys()])
  return {
    ...none,
    kind: 'task',
    body: (frame) => performStep(frame, taskSpec(frame.session, task, (params ?? []) as unknown[], undefined)),
  }
}

function unknownTarget(kind: string, name: string, names: readonly string[]): SluiceError {
  return new SluiceError('TARGET_UNKNOWN', `No ${kind} is called "${name}".`, {
    hint: names.length > 0 ? `There is: ${names.join(', ')}.` : 'The file exports none.',
  })
}

async function assetsBody(
  frame: Frame,
  target: Extract<RunTarget, { readonly partitions: unknown }>,
): Promise<undefined> {
  const { session } = frame
  const dynamic: Record<string, readonly string[]> = {}
  const specs = [...session.definitions.assets.values()].map(({ partitions }) => partitions?.spec)
  for (const name of dynamicSets(specs)) dynamic[name] = await session.store.partitions.keys(name)
  const now = Temporal.Instant.fromEpochMilliseconds(session.run.createdAt)
  const { failed } = await runAssets(frame, target, partitionSets(now, dynamic), session.concurrency)
  if (failed.length === 0) return undefined
  const [first] = failed
  const what = failed.length === 1 ? 'A step failed' : `${failed.length} steps failed`
  throw new SluiceError(
    'RUN_FAILED',
    `${what}: ${failed
      .slice(0, 5)
      .map(({ name, key }) => (key === null ? name : `${name} (${key})`))
      .join(', ')}${failed.length > 5 ? ' …' : ''}.`,
    { cause: first!.error },
  )
}
