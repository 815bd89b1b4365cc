import type { Client, pages as Pages } from '@sluice/api/client'
import { SluiceError } from '@sluice/core'
import { findProject } from '../../project/project.ts'
import { serverFor } from '../../system/server-for.ts'
import { type OwnServerOptions, withOwnServer } from '../serve/own-server.ts'
import { locate } from '../supervise/location.ts'
import { hasStore } from '../supervise/store.ts'

export type Shown = Awaited<ReturnType<Client['backfills']['get']>>['backfill']

/** What commands about backfills share. */
export interface BackfillOptions {
  readonly server?: string
  readonly env?: string
  readonly json?: boolean
}

const noneYet = (): SluiceError =>
  new SluiceError('NOT_FOUND', 'There are no backfills here yet.', {
    hint: 'sluice backfills create SELECTION --partition A..B makes one.',
  })

/** Who makes the runs of a backfill, and how many at once where this command does it. */
export interface Makes extends Pick<OwnServerOptions, 'does' | 'version'> {
  readonly file?: string | undefined
  readonly slots?: string | undefined
}

/**
 * On the server that is named or runs on this project; where none does, on one that this command opens for itself.
 *
 * @throws SluiceError NOT_FOUND where there is nothing to look at.
 * @param use `isOwn`: what is not over when it ends goes on only when somebody starts a server, or asks again.
 */
export async function withBackfills<T>(
  options: BackfillOptions,
  { does, version, file, slots }: Makes,
  use: (client: Client, isOwn: boolean) => Promise<T>,
): Promise<T> {
  const project = does === 'work' && file !== undefined ? locate(file).project : findProject(process.cwd())
  const server = file === undefined ? await serverFor(project, options) : null
  if (server) return use(server.client, false)
  if (does === 'work') locate(file)
  // Nothing is made by looking.
  else if (!(await hasStore(project))) throw noneYet()
  const own = { version, does, env: options.env, file, ...(slots !== undefined && { slots }) }
  return withOwnServer(project, own, (client) => use(client, true))
}

/** Of a list that goes on, as many as are wanted. */
export async function someBackfills(
  client: Client,
  pages: typeof Pages,
  { limit, state }: { readonly limit: number; readonly state?: Shown['state'] },
): Promise<Shown[]> {
  const found: Shown[] = []
  const asked = { limit: Math.min(1000, limit), ...(state && { state }) }
  for await (const page of pages(client.backfills.list, asked)) {
    found.push(...page.backfills)
    if (found.length >= limit) break
  }
  return found.slice(0, limit)
}
