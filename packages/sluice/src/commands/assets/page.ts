import {
  type AssetSnapshot,
  type LocationVersion,
  type Materialization,
  type Metadata,
  partitionStates,
} from '@sluice/core'
import type { AssetDetail } from '@sluice/engine'
import { shownPlace } from '../../terminal/error.ts'
import { metadataLines } from '../../terminal/metadata.ts'
import { rowsOf } from '../../terminal/progress/model.ts'
import { atServer, commandOf, valueCommand } from '../../terminal/shell.ts'
import { cutTo, oneLine } from '../../terminal/style.ts'
import { output } from '../../terminal/terminal.ts'
import { ago, localTime, zoneName } from '../../terminal/times.ts'
import { placeText } from '../../terminal/value-text.ts'
import { countOf, numberText } from '../../terminal/words.ts'
import { kindOf } from './list.ts'
import { rangeText } from './partitions.ts'

/** What is shown: the same of a server and of a store. */
export interface Facts extends Omit<AssetDetail, 'made'> {
  /** Of a server: the active code that the definition is of. */
  readonly code?: { readonly version: string; readonly git: LocationVersion['git'] }
  /** The newest records. */
  readonly history: readonly Materialization[]
}

/** The page of one asset, as lines. */
export function assetPage(facts: Facts, home: string, server?: string): string[] {
  const { style, columns } = output
  const { definition: asset, checks, history, latest: newest } = facts
  const lines = [`${style.bold(asset.name)}${asset.description === undefined ? '' : `  ${asset.description}`}`]
  lines.push(
    ...factRows(facts, home)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `  ${style.dim(name.padEnd(10))}  ${value}`),
  )
  const { rows: _, ...metadata } = newest?.metadata ?? {}
  lines.push(...metadataLines(style, metadata, columns > 0 ? columns - 14 : 0).map((line) => `              ${line}`))
  if (asset.checks.length + checks.length > 0) lines.push('', style.bold('Checks'), ...checkLines(facts))
  if (history.length > 1) lines.push('', style.bold('History'), ...historyLines(history))
  const next = newest?.value
    ? valueCommand(asset.name, newest.partition)
    : commandOf('sluice', 'materialize', asset.name, ...(facts.slices ? ['--partition', 'missing'] : []))
  return [...lines, '', `${style.dim('next')}  ${style.cyan(next + atServer(server))}`]
}

function factRows(facts: Facts, home: string): [string, string][] {
  const { style } = output
  const { definition: asset, latest: newest, slices, staleness: stale, code } = facts
  const { health } = facts.health
  const git = code?.git
  return [
    ['defined', asset.place === undefined ? '' : shownPlace(asset.place)],
    ['code', git ? `${git.commit.slice(0, 12)}${git.dirty ? ' and what is not committed' : ''}` : ''],
    ['made from', facts.upstream.join(', ')],
    ['used by', facts.downstream.join(', ')],
    ['partitions', slices ? slicesText(asset, slices) : ''],
    ['missing', slices ? missingText(slices) : ''],
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
    ['made', newest ? `${localTime(newest.at)} ${zoneName(newest.at)} (${ago(newest.at, Date.now())})` : 'never'],
    ['health', health === 'unknown' ? '' : healthText(facts)],
    ['freshness', freshnessText(facts)],
    ['status', stale && stale.status !== 'missing' ? statusText(stale) : ''],
    [
      'value',
      newest?.value
        ? `${rowsOf(newest) === null ? '' : `${numberText(rowsOf(newest)!)} rows · `}${placeText(newest.value, home)}`
        : '',
    ],
  ]
}

/** `degraded: a check did not pass, it is late` */
function healthText({ health: { health, ...parts } }: Facts): string {
  const { style } = output
  const why = {
    materialization: 'its last try failed',
    checks: 'a check did not pass',
    freshness: parts.freshness === 'degraded' ? 'it is late' : 'it will be late soon',
  }
  const wrong = Object.entries(parts).flatMap(([part, its]) =>
    its === 'degraded' || its === 'warning' ? [why[part as keyof typeof why]] : [],
  )
  const color = { healthy: style.green, warning: style.yellow, degraded: style.red, unknown: style.dim }[health]
  return `${color(health)}${wrong.length > 0 ? `: ${wrong.join(', ')}` : ''}`
}

/** `fresh until 2026-03-02 09:00` */
function freshnessText({ freshness }: Facts): string {
  if (!freshness) return ''
  const { state, nextAt } = freshness
  const { style } = output
  const until = nextAt === null ? '' : ` until ${localTime(nextAt)} ${zoneName(nextAt)}`
  if (state === 'passed') return `${style.green('fresh')}${until}`
  if (state === 'warned')
    return `${style.yellow('late soon')}: it fails after ${nextAt === null ? 'that' : localTime(nextAt)}`
  return state === 'failed' ? style.red('late') : 'unknown: it was never made'
}

function slicesText(asset: AssetSnapshot, { count, first, last, counts }: NonNullable<Facts['slices']>): string {
  const states = partitionStates.flatMap((state) =>
    counts[state] > 0 ? [`${numberText(counts[state])} ${state}`] : [],
  )
  return `${kindOf(asset.partitions!)}, ${numberText(count)} from ${first} to ${last}; ${states.join(', ')}`
}

function missingText({ counts, missing }: NonNullable<Facts['slices']>): string {
  if (counts.missing === 0) return 'none'
  const shown = missing.reduce((sum, { count }) => sum + count, 0)
  return `${countOf(counts.missing, 'partition')}: ${missing.map(rangeText).join('; ')}${shown < counts.missing ? '; …' : ''}`
}

/** The first numbers and texts among facts. */
function noted(metadata: Metadata): string[] {
  const texts = Object.entries(metadata).flatMap(([name, value]) => {
    if (value.type === 'number') return [`${name} ${numberText(value.value)}`]
    return value.type === 'text' ? [`${name} ${cutTo(oneLine(value.value), 40)}`] : []
  })
  return texts.slice(0, 3)
}

function historyLines(history: readonly Materialization[]): string[] {
  const { style } = output
  const width = Math.max(...history.map(({ partition }) => partition?.length ?? 0))
  return history.map((one) => {
    const rows = rowsOf(one)
    const what = one.kind === 'materialization' ? '' : one.kind === 'wiped' ? 'wiped  ' : 'seen  '
    const { rows: _, ...more } = one.metadata
    const facts = [...(rows === null ? [] : [`${numberText(rows)} rows`]), ...noted(more)].join('  ')
    return `  ${localTime(one.at)}  ${(one.partition ?? '').padEnd(width)}  ${facts === '' ? '' : `${facts}  `}${what}${style.dim(one.run)}`
  })
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

function checkLines({ definition: asset, checks: results, failedChecks }: Facts): string[] {
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
    if (result?.passed === false) facts.push(...noted(result.metadata))
    const elsewhere = failedChecks.filter(({ check, id }) => check === name && id !== result?.id)
    const more =
      elsewhere.length === 0
        ? ''
        : ` ${style.red('✗')} ${countOf(elsewhere.length, 'other partition')} did not pass: ${elsewhere
            .slice(0, 3)
            .map(({ partition }) => partition)
            .join(', ')}${elsewhere.length > 3 ? ', …' : ''}`
    return `  ${icon} ${name}  ${style.dim(facts.filter((fact) => fact !== '').join(' · '))}${more}`
  })
}
