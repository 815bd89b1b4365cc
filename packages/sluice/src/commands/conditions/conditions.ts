import { type Client, pages } from '@sluice/api/client'
import { type SetRecord, SluiceError } from '@sluice/core'
import { connectServer } from '../../system/server-for.ts'
import { all } from '../../system/of-server.ts'
import { table } from '../../terminal/table.ts'
import { json, output } from '../../terminal/terminal.ts'
import { ago, localTime } from '../../terminal/times.ts'

export interface ConditionOptions {
  readonly server?: string
  readonly location?: string
  readonly json?: boolean
}

type Condition = Awaited<ReturnType<Client['conditions']['list']>>['conditions'][number]

/** Every asset and check of a server that has a condition, page by page. */
export const allConditions = (client: Client, location: string | undefined): Promise<Condition[]> =>
  all(
    pages(client.conditions.list, { limit: 1000, ...(location !== undefined && { location }) }),
    ({ conditions }) => conditions,
  )

/** `sluice conditions list` */
export async function listConditions(options: ConditionOptions): Promise<void> {
  const found = await allConditions(await connectServer(options.server), options.location)
  if (options.json) return json(found)
  const { style, columns, line } = output
  if (found.length === 0)
    return line("No asset has a condition. Give it one: asset('sales', { condition: eager() }, …).")
  const now = Date.now()
  const inLocations = new Set(found.map(({ location }) => location)).size > 1
  const rows = found.map((one) => [
    nameOf(one),
    ...(inLocations ? [one.location] : []),
    one.label,
    one.paused ? style.yellow('paused') : '',
    one.latest ? `${outcomeText(one.latest)} ${style.dim(ago(one.latest.at, now))}` : style.dim('not looked at yet'),
  ])
  const titles = ['asset', ...(inLocations ? ['location'] : []), 'condition', '', 'last'].map((title) => ({
    title,
    flexible: title === 'asset' || title === 'condition',
  }))
  for (const text of table(style, titles, rows, columns)) line(text)
}

const nameOf = ({ asset, check }: Condition): string => (check === null ? asset : `${asset} ${check}`)

function outcomeText({ requested, run, error }: NonNullable<Condition['latest']>): string {
  if (error) return `refused: ${error.message}`
  const keys = keysText(requested)
  return keys === null ? 'not requested' : `requested${keys === '' ? '' : ` ${keys}`}${run === null ? '' : `, ${run}`}`
}

/** `null` for nothing, '' for an asset that is not partitioned. */
function keysText(requested: SetRecord): string | null {
  if (typeof requested === 'boolean') return requested ? '' : null
  if (requested.length === 0) return null
  return requested
    .map((box) =>
      box.map((keys) => keys.map((one) => (typeof one === 'string' ? one : one.join('..'))).join(',')).join('|'),
    )
    .join(' ')
}

export interface PauseOptions extends ConditionOptions {
  readonly all?: boolean
  readonly check?: string
}

/** `sluice conditions pause [ASSET]` and `resume [ASSET]` */
export async function pauseConditions(
  asset: string | undefined,
  paused: boolean,
  { all: isAll = false, check, ...options }: PauseOptions,
): Promise<void> {
  const command = paused ? 'pause' : 'resume'
  if ((asset === undefined) !== isAll)
    throw new SluiceError(
      'USAGE',
      asset === undefined ? 'Say of which asset, or --all.' : `--all means more than ${asset}.`,
      {
        hint: `sluice conditions ${command} ${asset ?? 'sales'}, or sluice conditions ${command} --all`,
      },
    )
  const client = await connectServer(options.server)
  const body = { paused, ...(asset !== undefined && { asset }), ...(check !== undefined && { check }) }
  const said = await client.conditions.pause({ body })
  if (options.json) return json(said)
  const what =
    asset === undefined ? 'All conditions' : `The condition of ${asset}${check === undefined ? '' : ` ${check}`}`
  const [is, goes] = asset === undefined ? ['are', 'go'] : ['is', 'goes']
  const again = asset === undefined ? '--all' : [asset, ...(check === undefined ? [] : [`--check ${check}`])].join(' ')
  output.line(
    paused
      ? `${what} ${is} paused, also after a deploy. sluice conditions resume ${again} lets ${asset === undefined ? 'them' : 'it'} go on.`
      : `${what} ${goes} on from now. What happened meanwhile is not made up for.`,
  )
}

/** `sluice conditions history ASSET` */
export async function showHistory(
  asset: string,
  options: ConditionOptions & { readonly check?: string; readonly limit: string },
): Promise<void> {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new SluiceError('USAGE', `--limit takes a number from 1 to 1000, not ${options.limit}.`)
  const client = await connectServer(options.server)
  const { evaluations } = await client.conditions.history({
    asset,
    limit,
    ...(options.check !== undefined && { check: options.check }),
  })
  if (options.json) return json(evaluations)
  const { style, columns, line } = output
  if (evaluations.length === 0) return line(`Nobody has looked at a condition of ${asset} yet.`)
  const rows = evaluations.map((one) => [localTime(one.at), outcomeText(one)])
  for (const text of table(style, [{ title: 'at' }, { title: 'what', flexible: true }], rows, columns)) line(text)
  line(
    style.dim(
      `sluice assets why ${asset}${options.check === undefined ? '' : ` --check ${options.check}`} explains the newest.`,
    ),
  )
}
