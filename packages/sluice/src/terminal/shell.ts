import { findProject } from '../project/project.ts'

const plain = /^[\w./:=…,@+-]+$/

/** A command that can be copied into a shell. */
export const commandOf = (...words: readonly string[]): string =>
  words.map((word) => (plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')

/** The same command from the folder that the person is in: another project's runs are seen from there only. */
export function fromHere(root: string, command: string, server?: string): string {
  const here = findProject(process.cwd())
  const whole = command + atServer(server)
  return here.root === root ? whole : `cd ${commandOf(root)} && ${whole}`
}

/** What a command says that is about the same server; nothing where that goes without saying. */
export const atServer = (server: string | undefined): string =>
  server === undefined ? '' : ` --server ${commandOf(server)}`

/** The command that answers what a run asks a person; what belongs in it only the person knows. */
export const answerCommand = (run: string, request: string): string =>
  `${commandOf('sluice', 'runs', 'answer', run, '--request', request)} --params '{…}'`

/** The command that shows a value of an asset. */
export const valueCommand = (asset: string, partition: string | null): string =>
  commandOf('sluice', 'assets', 'value', asset, ...(partition === null ? [] : ['--partition', partition]))
