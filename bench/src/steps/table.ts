import { type Figure, type Figures, median, shown } from '../figures.ts'

/** What the design asks of a figure. */
interface Budget {
  readonly atLeast?: number
  readonly atMost?: number
  readonly why?: string
}

/** A disk that syncs slowly bounds steps one after another: each needs one. */
export function budgetsOf(figures: Figures): Readonly<Record<string, Budget>> {
  const disk = figures.get('disk.fdatasync')
  const bound = disk ? median(disk) * 0.6 : Infinity
  return {
    'sqlite.sequential': bound < 10_000 ? { atLeast: bound, why: '60% of disk.fdatasync' } : { atLeast: 10_000 },
    'sqlite.concurrent': { atLeast: 100_000 },
    'steps.sqlite_sequential': bound < 10_000 ? { atLeast: bound, why: '60% of disk.fdatasync' } : { atLeast: 10_000 },
    'steps.sqlite_concurrent': { atLeast: 100_000 },
    'steps.postgres_sequential': bound < 4_000 ? { atLeast: bound, why: '60% of disk.fdatasync' } : { atLeast: 4_000 },
    'steps.postgres_concurrent': { atLeast: 60_000 },
    'resume.100000_ms': { atMost: 1500 },
  }
}

const against: Readonly<Record<string, readonly string[]>> = {
  'sqlite.sequential': ['dbos.sequential', 'dagster.ops', 'dagster.assets', 'prefect.sequential'],
  'sqlite.concurrent': ['dbos.concurrent', 'prefect.concurrent'],
  'steps.postgres_sequential': ['dbos.sequential'],
  'steps.postgres_concurrent': ['dbos.concurrent'],
}

/** The figures for a reader: median, least and most, what the design asks, and how many times a peer's. */
export function table(figures: Figures): string {
  const budgets = budgetsOf(figures)
  const lines: string[] = []
  for (const figure of figures.all()) {
    const { name, unit, samples } = figure
    const value = `${shown(median(figure))} ${unit}`
    const range =
      samples.length > 1
        ? `${shown(Math.min(...samples))} – ${shown(Math.max(...samples))}, ${samples.length} runs`
        : ''
    lines.push(
      `${name.padEnd(34)} ${value.padStart(18)}   ${range.padEnd(30)} ${told(budgets[name], figure)}`.trimEnd(),
    )
    const times = (against[name] ?? []).flatMap((peer) => ratio(figure, figures.get(peer)))
    if (times.length > 0) lines.push(`${' '.repeat(34)} ${times.join(' · ')}`)
  }
  return lines.join('\n')
}

function told(budget: Budget | undefined, figure: Figure): string {
  if (!budget) return ''
  const value = median(figure)
  const { atLeast, atMost, why } = budget
  const met = value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity)
  const asked = atLeast === undefined ? `≤ ${shown(atMost!)}` : `≥ ${shown(atLeast)}`
  return `budget ${asked}${why ? ` (${why})` : ''}: ${met ? 'met' : 'not met'}`
}

function ratio(figure: Figure, peer: Figure | undefined): string[] {
  return peer ? [`${shown(median(figure) / median(peer))} × ${peer.name}`] : []
}
