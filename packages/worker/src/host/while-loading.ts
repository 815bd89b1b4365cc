import { type Calls, SluiceError, installCalls } from '@sluice/core'
import { shownPath } from './shown-path.ts'

/**
 * Loads with an engine in place that refuses every call: a file that launches its flow when it is imported would
 * launch it whenever somebody looks at it. A call whose rejection nobody awaited is reported all the same.
 */
export async function whileLoading<T>(file: string, load: () => Promise<T>): Promise<T> {
  const refused: SluiceError[] = []
  const before = installCalls(refusing(file, refused))
  try {
    const result = await load()
    if (refused[0]) throw refused[0]
    return result
  } finally {
    installCalls(before)
  }
}

function refusing(file: string, refused: SluiceError[]): Calls {
  const refuse = (what: string): never => {
    const name = shownPath(file)
    const error = new SluiceError('CALLED_WHILE_LOADING', `${what} was called while ${name} was being loaded.`, {
      hint: 'Put the call under `if (import.meta.main) { … }`: then it runs with `node`, and not when it is looked at.',
    })
    refused.push(error)
    throw error
  }
  const refuseAsync = async (what: string): Promise<never> => refuse(what)
  return {
    task: ({ name, inline }) => refuseAsync(`${inline ? 'Step' : 'Task'} "${name}"`),
    flow: ({ name }) => refuseAsync(`Flow "${name}"`),
    launch: ({ kind, name }) => refuseAsync(`launch() of the ${kind} "${name}"`),
    result: () => refuseAsync('result()'),
    approval: ({ name }) => refuseAsync(`approval('${name}')`),
    use: ({ name }) => refuseAsync(`use() of the resource "${name}"`),
    hold: ({ name }) => refuseAsync(`hold() of the limit "${name}"`),
    sleep: () => refuseAsync('sleep()'),
    load: ({ name }) => refuseAsync(`load() of the asset "${name}"`),
    partitions: (name) => refuse(`The dynamic partitions "${name}"`),
    log: (level, message, fields) => console[level](message, ...(fields ? [fields] : [])),
    run: () => undefined,
    step: () => undefined,
  }
}
