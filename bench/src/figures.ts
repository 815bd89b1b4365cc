/** One thing measured, several times. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly samples: readonly number[]
}

/** What a benchmark measured, in the order in which names came up. */
export interface Figures {
  add(name: string, unit: string, value: number): void
  get(name: string): Figure | undefined
  all(): readonly Figure[]
}

export function openFigures(): Figures {
  const figures = new Map<string, { name: string; unit: string; samples: number[] }>()
  return {
    add(name, unit, value) {
      const figure = figures.get(name) ?? { name, unit, samples: [] }
      figure.samples.push(value)
      figures.set(name, figure)
    },
    get: (name) => figures.get(name),
    all: () => [...figures.values()],
  }
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median({ samples }: Pick<Figure, 'samples'>): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** Three digits that count, thousands set apart. */
export function shown(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

/** The last line of every benchmark with `--json`: the medians. */
export function jsonLine(bench: string, figures: Figures): string {
  const results = figures
    .all()
    .map((figure) => ({ name: figure.name, value: Number(median(figure).toPrecision(5)), unit: figure.unit }))
  return JSON.stringify({ bench, results })
}
