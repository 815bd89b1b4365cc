import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SluiceError } from '@sluice/core'
import { isPostgresUrl, shownUrl } from '@sluice/storage/address'
import { type Project, storePath } from './project.ts'

/** Where a project's store is: a file, or a database, whose address is secret. */
export type StorePlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly shown: string }

/**
 * Where the store is: what was given (`--store`), else `SLUICE_STORE`, else what the configuration says for the
 * environment, else a file in the project's `.sluice`. A folder that is given is the project's home already.
 *
 * @throws SluiceError CONFIG_INVALID
 */
export async function placeOfStore(
  project: Project,
  {
    given,
    environment = process.env['SLUICE_ENV'] ?? 'dev',
  }: { given?: string | undefined; environment?: string } = {},
): Promise<StorePlace> {
  const named = given ?? process.env['SLUICE_STORE']
  if (named !== undefined && named !== '') return isPostgresUrl(named) ? inDatabase(named) : inFile(project)
  return placeOf(project, await configured(project, environment))
}

/** The place that a configuration names. */
export function placeOf(project: Project, store: string | undefined): StorePlace {
  if (store === undefined) return inFile(project)
  if (isPostgresUrl(store)) return inDatabase(store)
  throw new SluiceError('CONFIG_INVALID', 'The store of sluice.config.ts is no address of a PostgreSQL database.', {
    hint: "store: 'postgres://user:password@host/database'. Without one it is a file in .sluice; SLUICE_HOME names another folder.",
  })
}

const inFile = ({ home }: Project): StorePlace => ({ kind: 'file', path: storePath(home) })
const inDatabase = (url: string): StorePlace => ({ kind: 'postgres', url, shown: shownUrl(url) })

const fromSource = import.meta.url.endsWith('.ts')
const program = fileURLToPath(new URL(fromSource ? './read-store.ts' : './read-store.js', import.meta.url))

/** What the configuration says; read in a process of its own, as it is user code. One that does not speak of it is not run. */
async function configured({ configFile, root }: Project, environment: string): Promise<string | undefined> {
  if (configFile === undefined || !/\bstore\b/.test(readFileSync(configFile, 'utf8'))) return undefined
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  const child = fork(program, [environment], {
    cwd: root,
    execArgv: fromSource ? ['--conditions=@sluice/source'] : [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.once('message', (said: { store?: string; failed?: string }) => {
    if (said.failed === undefined) resolve(said.store)
    else reject(new SluiceError('CONFIG_INVALID', said.failed))
  })
  child.once('error', reject)
  child.once('exit', (code) => reject(new SluiceError('CONFIG_INVALID', `${configFile} ended its process (${code}).`)))
  try {
    return await promise
  } finally {
    child.kill()
  }
}
