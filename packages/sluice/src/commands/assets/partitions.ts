import { type PartitionState, type PartitionStatus, type StateRange, SluiceError, partitionStates } from '@sluice/core'
import { commandOf, atServer } from '../../terminal/shell.ts'
import type { Style } from '../../terminal/style.ts'
import { table } from '../../terminal/table.ts'
import { json, output } from '../../terminal/terminal.ts'
import { numberText } from '../../terminal/words.ts'
import { environmentOf } from '../options.ts'
import { lookInto } from '../supervise/look.ts'
import { withStore } from '../with-store.ts'
import { codeOf } from './code-of.ts'
import { namedServer } from './named-server.ts'
import type { ShowOptions } from './show.ts'

/** Ranges that a terminal is given; `--json` has all. */
const MOST = 60

/** `sluice assets show NAME --partitions` */
export async function showPartitions(asset: string, file: string | undefined, options: ShowOptions): Promise<void> {
  const limit = options.json ? Number.POSITIVE_INFINITY : MOST
  const status = await statusOf(asset, file, options, limit)
  const isPartitioned = status.ranges[0]?.from !== null
  if (options.json) return json({ asset, ...status })
  const { style, line, columns } = output
  if (status.total === 0) return line(`${style.bold(asset)}  has no partition yet.`)
  line(`${style.bold(asset)}  ${countsText(status, style)}`)
  if (!isPartitioned) return
  line('')
  const titles = [
    { title: 'state' },
    { title: 'partitions', align: 'end' as const },
    { title: 'which', flexible: true },
  ]
  const rows = status.ranges.map((one) => [styled(one.state, style), numberText(one.count), rangeText(one)])
  for (const text of table(style, titles, rows, columns)) line(text)
  const more = status.total - status.ranges.length
  if (more > 0) line(style.dim(`… and ${numberText(more)} more ranges: --json has all`))
  if (status.counts.missing + status.counts.failed === 0) return
  const next = commandOf('sluice', 'materialize', asset, '--partition', 'missing') + atServer(options.server)
  line(`\n${style.dim('next')}  ${style.cyan(next)}`)
}

async function statusOf(
  asset: string,
  file: string | undefined,
  options: ShowOptions,
  limit: number,
): Promise<PartitionStatus> {
  const system = await namedServer(file, options)
  if (system) {
    const ranges: StateRange[] = []
    let counts: PartitionStatus['counts'] | undefined
    let total = 0
    const { pages } = await import('@sluice/api/client')
    for await (const page of pages(system.server!.client.assets.partitions, {
      asset,
      limit: Math.min(limit, 10_000),
    })) {
      ranges.push(...page.ranges)
      ;({ counts, total } = page)
      if (ranges.length >= limit) break
    }
    return { counts: counts!, ranges, total }
  }
  return withStore(async (store, project) => {
    const location = await codeOf(asset, file, store, project)
    const { definitions } = await lookInto(
      { location, environment: environmentOf(options), describing: true },
      ({ description }) => Promise.resolve(description),
    )
    const { assets } = definitions
    if (!assets.some(({ name }) => name === asset))
      throw new SluiceError('ASSET_UNKNOWN', `There is no asset "${asset}".`, { hint: 'sluice assets list shows all.' })
    const { openAssetStates, statusOfPartitions } = await import('@sluice/engine')
    const asked = { assets, location: '', asset, now: Date.now(), limit }
    const { counts, ranges, total } = await statusOfPartitions(store, openAssetStates(store), asked)
    return { counts, ranges, total }
  })
}

const countsText = ({ counts }: PartitionStatus, style: Style): string =>
  partitionStates
    .filter((state) => counts[state] > 0)
    .map((state) => `${numberText(counts[state])} ${styled(state, style)}`)
    .join(style.dim(' · '))

function styled(state: PartitionState, style: Style): string {
  if (state === 'fresh') return style.green(state)
  if (state === 'failed') return style.red(state)
  if (state === 'stale') return style.yellow(state)
  return state === 'in progress' ? style.blue(state) : style.dim(state)
}

export function rangeText({ from, to, dims }: StateRange): string {
  const text = (first: string, last: string): string => (first === last ? first : `${first}..${last}`)
  if (!dims) return text(from!, to!)
  return Object.entries(dims)
    .map(([name, ends]) => `${name} ${text(ends.from, ends.to)}`)
    .join(', ')
}
