import {
  type Calls,
  type TaskDefinition,
  SluiceError,
  collect,
  decode,
  encode,
  installCalls,
  isolatedTask,
} from '@sluice/core'
import type { StepRequest, Told } from '../messages.ts'
import type { Program } from './host.ts'
import { shownPath } from './shown-path.ts'

/** One attempt of a task, alone in this process. Gives its encoded result. */
export async function performIsolated(
  program: Program,
  request: StepRequest,
  tell: (told: Told) => void,
): Promise<string> {
  const task = find(program, request)
  const before = installCalls(callsOf(request.task, tell))
  try {
    return encode(await task.run(...(decode(request.args) as unknown[])))
  } finally {
    installCalls(before)
  }
}

function find(program: Program, { task, place }: StepRequest): TaskDefinition {
  const found = isolatedTask(task, place) ?? collect(program.exports).tasks.get(task)
  if (found) return found
  throw new SluiceError(
    'TARGET_UNKNOWN',
    `No task "${task}" was found for a process of its own in ${program.entries.map(shownPath).join(', ')}.`,
    {
      hint: 'Define it at the top of a file that this one imports, under a name of its own.',
    },
  )
}

/** Logs go out; all else belongs to the process that runs the flow. */
function callsOf(name: string, tell: (told: Told) => void): Calls {
  const refuse = (what: string): SluiceError =>
    new SluiceError('ISOLATED_CALL', `Task "${name}" runs in a process of its own and called ${what}.`, {
      hint: 'Call it in the flow, and give this task its result as an argument.',
    })
  const refuseAsync = async (what: string): Promise<never> => {
    throw refuse(what)
  }
  return {
    task: (called) => refuseAsync(`${called.inline ? 'step' : 'task'} "${called.name}"`),
    flow: (called) => refuseAsync(`flow "${called.name}"`),
    launch: ({ kind, name: target }) => refuseAsync(`launch() of ${kind} "${target}"`),
    result: () => refuseAsync('result()'),
    approval: (request) => refuseAsync(`approval('${request.name}')`),
    use: (resource) => refuseAsync(`use() of resource "${resource.name}"`),
    hold: (limit) => refuseAsync(`hold() of limit "${limit.name}"`),
    sleep: () => refuseAsync('sleep()'),
    load: (asset) => refuseAsync(`load() of asset "${asset.name}"`),
    partitions: (set) => {
      throw refuse(`the dynamic partitions "${set}"`)
    },
    log: (level, message, fields) => {
      const data = fields ? encodeFields(fields) : null
      tell({ message: 'log', line: { at: Date.now(), step: 0, attempt: 0, level, message, data } })
    },
    run: () => undefined,
    step: () => undefined,
  }
}

/** A log line is never lost for a field that cannot be stored. */
function encodeFields(fields: Readonly<Record<string, unknown>>): string {
  try {
    return encode(fields)
  } catch {
    return encode(Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)])))
  }
}
