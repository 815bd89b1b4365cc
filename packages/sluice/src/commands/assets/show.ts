import {
  type AssetSnapshot,
  type CheckResult,
  type Keys,
  type Materialization,
  type Staleness,
  SluiceError,
  closest,
  conditionAssets,
  conditionGraph,
  keysOf,
} from '@sluice/core'
import { staleness } from '@sluice/engine'
import { type Store, keysAt } from '@sluice/engine/store'
import type { Project } from '../../project/project.ts'
import { shownPlace } from '../../terminal/error.ts'
import { metadataLines } from '../../terminal/metadata.ts'
import { rowsOf } from '../../terminal/progress/model.ts'
import { json, output } from '../../terminal/terminal.ts'
import { ago, localTime, zoneName } from '../../terminal/times.ts'
import { atServer, commandOf, valueCommand } from '../../terminal/shell.ts'
import { placeText } from '../../terminal/value-text.ts'
import { countOf, numberText } from '../../terminal/words.ts'
import { environmentOf } from '../options.ts'
import { lookInto } from '../supervise/look.ts'
import type { System, SystemOptions } from '../../system/system.ts'
import { withStore } from '../with-store.ts'
import { codeOf } from './code-of.ts'
import { kindOf } from './list.ts'
import { namedServer } from './named-server.ts'

export interface ShowOptions extends SystemOptions {
  readonly partitions?: boolean
  readonly env?: string
  readonly json?: boolean
}

interface Facts {
  readonly asset: AssetSnapshot
  readonly downstream: readonly string[]
  readonly history: readonly Materialization[]
  readonly checks: readonly CheckResult[]
  readonly keys: Keys | undefined
  readonly made: ReadonlySet<string>
  /** Of the whole asset, or of the newest slice that was made; `undefined`: no slice was made. */
  readonly staleness: (Staleness & { readonly partition: string | null }) | undefined
}

/** `sluice assets show` */
export async function showAsset(name: string, file: string | undefined, options: ShowOptions): Promise<void> {
  const system = await namedServer(file, options)
  if (system) return show(await servedFacts(system, name), system.project.home, options)
  await withStore(async (store, project) => {
    show(await factsOf(store, name, file, options, project), project.home, options)
  })
}

function show(facts: Facts, home: string, options: ShowOptions): void {
  if (options.json)
    return json({
      ...facts,
      keys: facts.keys && { count: facts.keys.count, first: facts.keys.first, last: facts.keys.last },
      made: [...facts.made],
    })
  for (const line of page(facts, home, options.server)) output.line(line)
}

/** What a server knows of it. */
async function servedFacts(system: System, name: string): Promise<Facts> {
  const { asset: known, downstream, checks } = await system.server!.client.assets.get({ asset: name })
  const { definition: asset } = known
  const [history, made, at] = await Promise.all([
    system.assets.history(name, { limit: 10 }),
    system.assets.partitions(name),
    keysAt(system, [asset], Date.now()),
  ])
  const keys = asset.partitions ? keysOf(asset.partitions, at) : undefined
  return { asset, downstream, history, checks, keys, made: new Set(made), staleness: undefined }
}

async function factsOf(
  store: Store,
  name: string,
  file: string | undefined,
  options: ShowOptions,
  project: Project,
): Promise<Facts> {
  const location = await codeOf(name, file, store, project)
  const { definitions } = await lookInto(
    { location, environment: environmentOf(options), describing: true },
    ({ description }) => Promise.resolve(description),
  )
  const asset = definitions.assets.find((one) => one.name === name)
  if (!asset) {
    const near = closest(
      name,
      definitions.assets.map((one) => one.name),
    )
    throw new SluiceError('ASSET_UNKNOWN', `There is no asset "${name}".`, {
      hint: near === undefined ? 'sluice assets list shows all.' : `Did you mean sluice assets show ${near}?`,
    })
  }
  const downstream = definitions.assets.filter(({ upstream }) => upstream.includes(name)).map((one) => one.name)
  const [history, checks, made, at] = await Promise.all([
    store.assets.history(name, { limit: 10 }),
    store.checks.latest(name),
    store.assets.partitions(name),
    keysAt(store, definitions.assets, Date.now()),
  ])
  const newest = asset.partitions ? made.at(-1) : null
  const graph = conditionGraph(conditionAssets(definitions.assets, 'here'))
  const stale =
    newest === undefined
      ? undefined
      : (await staleness(store, { graph, keysAt: at, asset: name, partitions: [newest] })).get(newest)
  return {
    asset,
    downstream,
    history,
    checks,
    keys: asset.partitions ? keysOf(asset.partitions, at) : undefined,
    made: new Set(made),
    staleness: stale && { ...stale, partition: newest! },
  }
}

function page(
  { asset, downstream, history, checks, keys, made, staleness: stale }: Facts,
  home: string,
  server?: string,
): string[] {
  const { style, columns } = output
  const now = Date.now()
  const newest = history.find(({ kind }) => kind !== 'wiped')
  const rows: [string, string][] = [
    ['defined', asset.place === undefined ? '' : shownPlace(asset.place)],
    ['made from', asset.upstream.join(', ')],
    ['used by', downstream.join(', ')],
    [
      'partitions',
      keys
        ? `${kindOf(asset.partitions!)}, ${numberText(keys.count)} from ${keys.first} to ${keys.last}; ${numberText(made.size)} made`
        : '',
    ],
    ['missing', keys ? missingText(keys, made) : ''],
    [
      'columns',
      asset.columns
        ?.map(({ name, type, nullable }) => `${name} ${style.dim(`${type}${nullable ? '?' : ''}`)}`)
        .join(', ') ?? '',
    ],
    ['group', asset.group ?? ''],
    ['owners', asset.owners?.join(', ') ?? ''],
    [
      'tags',
      Object.entries(asset.tags ?? {})
        .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
        .join(' '),
    ],
    ['kinds', asset.kinds?.join(', ') ?? ''],
    ['made', newest ? `${localTime(newest.at)} ${zoneName(newest.at)} (${ago(newest.at, now)})` : 'never'],
    ['status', stale && stale.status !== 'missing' ? statusText(stale) : ''],
    [
      'value',
      newest?.value
        ? `${rowsOf(newest) === null ? '' : `${numberText(rowsOf(newest)!)} rows · `}${placeText(newest.value, home)}`
        : '',
    ],
  ]
  const lines = [`${style.bold(asset.name)}${asset.description === undefined ? '' : `  ${asset.description}`}`]
  lines.push(
    ...rows.filter(([, value]) => value !== '').map(([name, value]) => `  ${style.dim(name.padEnd(10))}  ${value}`),
  )
  const { rows: _, ...metadata } = newest?.metadata ?? {}
  lines.push(...metadataLines(style, metadata, columns > 0 ? columns - 14 : 0).map((line) => `              ${line}`))
  if (asset.checks.length + checks.length > 0) lines.push('', style.bold('Checks'), ...checkLines(asset, checks))
  if (history.length > 1)
    lines.push(
      '',
      style.bold('History'),
      ...history.map(
        (one) =>
          `  ${localTime(one.at)}  ${(one.partition ?? '').padEnd(Math.max(...history.map(({ partition }) => partition?.length ?? 0)))}  ${rowsOf(one) === null ? '' : `${numberText(rowsOf(one)!)} rows  `}${one.kind === 'wiped' ? 'wiped  ' : ''}${style.dim(one.run)}`,
      ),
    )
  const next = newest?.value
    ? valueCommand(asset.name, newest.partition)
    : commandOf('sluice', 'materialize', asset.name, ...(keys ? ['--partition', 'missing'] : []))
  return [...lines, '', `${style.dim('next')}  ${style.cyan(next + atServer(server))}`]
}

/** `stale: raw/orders has another version; made from raw/customers, which is new` */
function statusText({ status, partition, causes, omitted }: NonNullable<Facts['staleness']>): string {
  const whose = partition === null ? '' : ` (${partition})`
  if (status !== 'stale') return `${status}${whose}`
  const texts = causes.slice(0, 3).map(({ kind, dependency, partition: key }) => {
    if (kind === 'code') return 'its code has a new version'
    const upstream = key === null ? dependency! : `${dependency} ${key}`
    return kind === 'data' ? `${upstream} has a new version` : `${upstream} came or went as something it is made from`
  })
  const more = causes.length + omitted - texts.length
  return `stale${whose}: ${texts.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

function missingText(keys: Keys, made: ReadonlySet<string>): string {
  const missing: string[] = []
  let count = 0
  for (const key of keys) {
    if (made.has(key)) continue
    count += 1
    if (missing.length < 5) missing.push(key)
  }
  if (count === 0) return 'none'
  return `${countOf(count, 'partition')}: ${missing.join(', ')}${count > missing.length ? ', …' : ''}`
}

function checkLines(asset: AssetSnapshot, results: readonly CheckResult[]): string[] {
  const { style } = output
  const byName = new Map(results.map((one) => [one.check, one]))
  // Others may report checks that the code does not have.
  const theirs = results.filter(({ check }) => !asset.checks.some(({ name }) => name === check))
  const all = [...asset.checks, ...theirs.map((one) => ({ ...one, name: one.check, description: 'reported' }))]
  return all.map(({ name, blocking, severity, description }) => {
    const result = byName.get(name)
    const icon = !result
      ? style.dim('○')
      : result.passed === null
        ? style.dim('?')
        : result.passed
          ? style.green('✓')
          : severity === 'warn'
            ? style.yellow('!')
            : style.red('✗')
    const facts = [
      blocking ? 'blocking' : '',
      severity === 'warn' ? 'warning' : '',
      result?.partition ?? '',
      result ? ago(result.at, Date.now()) : 'never run',
      result?.passed === null ? 'nothing to say yet' : '',
      description ?? '',
    ]
    return `  ${icon} ${name}  ${style.dim(facts.filter((fact) => fact !== '').join(' · '))}`
  })
}
