import { cpus, loadavg } from 'node:os'
import type { openDisk } from '../disk.ts'
import { type Figures, jsonLine, median, shown } from '../figures.ts'
import type { Product } from '../product.ts'

/** What the design asks for, of what these benchmarks measure. */
const budgets: Readonly<Record<string, { readonly atMost: number } | { readonly atLeast: number }>> = {
  'launch.p50_ms': { atMost: 20 },
  'launch.p95_ms': { atMost: 80 },
  'dev.ready_1000_ms': { atMost: 1_000 },
  'dev.ready_10000_ms': { atMost: 3_000 },
  'dev.memory_1000_mb': { atMost: 200 },
  'dev.reload_p50_ms': { atMost: 300 },
  'schedules.lag_p95_ms': { atMost: 1_000 },
  'schedules.duplicates': { atMost: 0 },
  'schedules.missed': { atMost: 0 },
  'ui.first_load_kb_gz': { atMost: 240 },
  'ui.fcp_p95_ms': { atMost: 600 },
  'ui.usable_p95_ms': { atMost: 1_200 },
  'ui.requests_max': { atMost: 12 },
  'ui.event_to_pixels_p50_ms': { atMost: 100 },
  'ui.graph_10000_layout_ms': { atMost: 500 },
  'ui.graph_10000_pan_p50_ms': { atMost: 16 },
  'ui.graph_10000_pan_p95_ms': { atMost: 33 },
  'ui.runs_1000000_painted_p95_ms': { atMost: 300 },
  'list.first_page_p95_ms': { atMost: 50 },
  'list.worst_filter_p95_ms': { atMost: 50 },
  'list.postgres_first_page_p95_ms': { atMost: 50 },
  'list.postgres_worst_filter_p95_ms': { atMost: 50 },
}

export const percentile = (samples: readonly number[], part: number): number =>
  samples.toSorted((a, b) => a - b)[Math.min(samples.length - 1, Math.floor(samples.length * part))] ?? NaN

/** The table, and with `--json` the line that ends it. */
export function printed(
  bench: string,
  figures: Figures,
  disk: ReturnType<typeof openDisk>,
  product: Pick<Product, 'built'>,
  json: boolean,
  notes: readonly string[] = [],
): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.versions.node}, ${disk.fileSystem}`
  console.log(`\n${machine}, ${product.built ? 'built packages' : 'source'}, load ${loadavg()[0]!.toFixed(1)}\n`)
  for (const figure of figures.all()) {
    const value = median(figure)
    const budget = budgets[figure.name]
    const asked = !budget
      ? ''
      : 'atMost' in budget
        ? `budget ≤ ${shown(budget.atMost)}: ${value <= budget.atMost ? 'met' : 'not met'}`
        : `budget ≥ ${shown(budget.atLeast)}: ${value >= budget.atLeast ? 'met' : 'not met'}`
    console.log(`${figure.name.padEnd(34)} ${`${shown(value)} ${figure.unit}`.padStart(18)}   ${asked}`.trimEnd())
  }
  for (const note of notes) console.log(note)
  if (json) console.log(jsonLine(bench, figures))
}
