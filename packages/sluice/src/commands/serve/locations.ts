import { type Client, pages } from '@sluice/api/client'
import { SluiceError } from '@sluice/core'
import { table } from '../../terminal/table.ts'
import { json, output } from '../../terminal/terminal.ts'
import { ago } from '../../terminal/times.ts'
import { connectServer } from '../../system/server-for.ts'

export interface LocationsOptions {
  readonly server?: string
  readonly json?: boolean
}

/** Of a version, as much as people type. */
const short = (version: string): string => version.slice(0, 12)

/** Every location of the server, page by page. */
export async function allLocations(client: Client) {
  const all: Awaited<ReturnType<Client['locations']['list']>>['locations'] = []
  for await (const { locations } of pages(client.locations.list, { limit: 1000 })) all.push(...locations)
  return all
}

/** `sluice locations list` */
export async function listLocations(options: LocationsOptions): Promise<void> {
  const locations = await allLocations(await connectServer(options.server))
  if (options.json) return json(locations)
  const { style, columns, line } = output
  if (locations.length === 0) return line('The server knows no code yet. sluice deploy brings it some.')
  const rows = locations.map(({ name, active, activatedAt, counts, problem }) => [
    name,
    active === null ? style.dim('none') : short(active),
    activatedAt === null ? '' : ago(activatedAt, Date.now()),
    Object.entries(counts ?? {})
      .filter(([, count]) => count > 0)
      .map(([noun, count]) => `${count} ${noun}`)
      .join(', '),
    problem === null ? '' : style.red(`${problem.code} ${problem.message}`),
  ])
  const titles = ['location', 'active', 'since', 'what', 'newer code'].map((title, nth) => ({
    title,
    flexible: nth > 2,
  }))
  for (const text of table(style, titles, rows, columns)) line(text)
}

/** `sluice locations versions LOCATION` */
export async function listVersions(location: string, options: LocationsOptions): Promise<void> {
  const client = await connectServer(options.server)
  const [{ versions }, locations] = await Promise.all([client.locations.versions({ location }), allLocations(client)])
  if (options.json) return json(versions)
  const { style, columns, line } = output
  if (versions.length === 0) return line(`"${location}" has no versions. sluice locations list shows what there is.`)
  const active = locations.find(({ name }) => name === location)?.active
  const rows = versions.map(({ version, createdAt, git, bundle }) => [
    `${version === active ? '●' : ' '} ${short(version)}`,
    ago(createdAt, Date.now()),
    bundle === null ? 'brought by workers' : 'deployed',
    git === null ? '' : `${git.commit.slice(0, 8)}${git.dirty ? '+' : ''} ${git.message ?? ''}`,
  ])
  const titles = [{ title: '  version' }, { title: 'made' }, { title: 'how' }, { title: 'commit', flexible: true }]
  for (const text of table(style, titles, rows, columns)) line(text)
}

/** `sluice locations activate LOCATION VERSION` */
export async function activateVersion(location: string, beginning: string, options: LocationsOptions): Promise<void> {
  const client = await connectServer(options.server)
  const meant: { readonly version: string }[] = []
  for await (const { versions } of pages(client.locations.versions, { location, limit: 1000 }))
    meant.push(...versions.filter(({ version }) => version.startsWith(beginning)))
  if (meant.length !== 1) {
    throw new SluiceError(
      'NOT_FOUND',
      `${meant.length === 0 ? 'No version' : `${meant.length} versions`} of "${location}" begin${meant.length === 1 ? 's' : ''} with ${beginning}.`,
      { hint: `sluice locations versions ${location} lists them.` },
    )
  }
  const { version } = meant[0]!
  await client.locations.activate({ location, body: { version } })
  if (options.json) return json({ location, active: version })
  output.line(`${location} ${short(version)}: new runs use it from now on.`)
}
