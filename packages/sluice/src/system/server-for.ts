import type { Client } from '@sluice/api/client'
import { type Project, findProject } from '../project/project.ts'
import { runningServer } from './running-server.ts'
import type { ServerOf, SystemOptions } from './system.ts'

const usualAddress = 'http://127.0.0.1:4747'

/** Where the server of a worker is: as given, as SLUICE_SERVER says, or at the usual address of this machine. */
export const serverUrl = (given: string | undefined): string => given ?? process.env['SLUICE_SERVER'] ?? usualAddress

/** The server that was named, or the one that runs on the store of the project; `null` for neither. */
export async function serverFor(project: Project, { server }: SystemOptions): Promise<ServerOf | null> {
  const named = server ?? process.env['SLUICE_SERVER']
  const url = named ?? (await runningServer(project))
  return url === null ? null : { url, client: await clientOf(url), isNamed: named !== undefined }
}

/** A client of the server that a command speaks with which has nothing else to look at. */
export async function connectServer(given: string | undefined): Promise<Client> {
  const server = await serverFor(findProject(process.cwd()), { server: given })
  return server?.client ?? clientOf(usualAddress)
}

/** With the token of SLUICE_TOKEN. */
export async function clientOf(url: string): Promise<Client> {
  // Not loaded where no server is asked.
  const { createClient } = await import('@sluice/api/client')
  const token = process.env['SLUICE_TOKEN']
  return createClient({ url, ...(token !== undefined && { token }) })
}
