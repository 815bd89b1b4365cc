import { type Client, pages } from '@sluice/api/client'
import { SluiceError, closest } from '@sluice/core'
import { connectServer } from '../../system/server-for.ts'
import { findProject } from '../../project/project.ts'

/** What commands about schedules and sensors share. */
export interface TimedOptions {
  readonly server?: string
  readonly location?: string
  readonly json?: boolean
}

type Schedule = Awaited<ReturnType<Client['schedules']['list']>>['schedules'][number]
type Sensor = Awaited<ReturnType<Client['sensors']['list']>>['sensors'][number]

/** Every schedule of the server, page by page. */
export async function allSchedules(client: Client, location: string | undefined): Promise<Schedule[]> {
  const all: Schedule[] = []
  const asked = { limit: 1000, ...(location !== undefined && { location }) }
  for await (const page of pages(client.schedules.list, asked)) all.push(...page.schedules)
  return all
}

/** Every sensor of the server, page by page. */
export async function allSensors(client: Client, location: string | undefined): Promise<Sensor[]> {
  const all: Sensor[] = []
  const asked = { limit: 1000, ...(location !== undefined && { location }) }
  for await (const page of pages(client.sensors.list, asked)) all.push(...page.sensors)
  return all
}

/** @throws SluiceError NOT_FOUND, CONFLICT where several locations have one of this name. */
export async function findSchedule(client: Client, name: string, options: TimedOptions): Promise<Schedule> {
  return only(await allSchedules(client, options.location), name, 'schedule')
}

/** @throws SluiceError NOT_FOUND, CONFLICT where several locations have one of this name. */
export async function findSensor(client: Client, name: string, options: TimedOptions): Promise<Sensor> {
  return only(await allSensors(client, options.location), name, 'sensor')
}

/** The one of this name. */
export function only<T extends { readonly name: string; readonly location?: string }>(
  all: readonly T[],
  name: string,
  what: 'schedule' | 'sensor',
): T {
  const found = all.filter((one) => one.name === name)
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    throw new SluiceError('CONFLICT', `Several locations have a ${what} "${name}".`, {
      hint: `Say which: --location ${found.map(({ location }) => location).join(', or ')}.`,
    })
  }
  const names = all.map((one) => one.name)
  const near = closest(name, names)
  throw new SluiceError('NOT_FOUND', `There is no ${what} "${name}".`, {
    hint: near === undefined ? `sluice ${what}s list shows all.` : `Did you mean ${near}? sluice ${what}s show ${near}`,
  })
}

/**
 * The server, unless a file was given, or none answers at the usual address and there is a project to look at directly.
 *
 * @throws SluiceError SERVER_UNREACHABLE.
 */
export async function serverIfAny(file: string | undefined, { server }: TimedOptions): Promise<Client | null> {
  if (file !== undefined && server === undefined) return null
  const client = await connectServer(server)
  if (server !== undefined || process.env['SLUICE_SERVER'] !== undefined) return client
  try {
    await client.server.health({}, { signal: AbortSignal.timeout(2_000) })
    return client
  } catch (error) {
    if (findProject(process.cwd()).configFile === undefined) throw error
    return null
  }
}
