import { type Figures, jsonLine, median, openFigures, shown } from '../figures.ts'
import { automation } from './automation.ts'
import { cronOverZones } from './cron.ts'
import { besideDagster } from './dagster.ts'
import { graphs } from './graphs.ts'
import { looks } from './looks.ts'
import { million, statuses, stored } from './partitions.ts'

interface Options {
  readonly smoke: boolean
  readonly json: boolean
  /** Where the store is put that a server's looks are measured on. */
  readonly folder?: string | undefined
  readonly python?: string | undefined
}

/** Processor time of the decisions about assets, which other programs on the machine change little. */
export async function benchBrain({ smoke, json, folder, python }: Options): Promise<void> {
  const figures = openFigures()
  const times = smoke ? 1 : 7
  automation(figures, smoke ? 1000 : 10_000, times)
  await looks(figures, { count: smoke ? 1000 : 10_000, times: smoke ? 1 : 5, folder })
  for (const count of smoke ? [1000] : [1000, 10_000, 50_000]) graphs(figures, count, times)
  million(figures, times)
  await stored(figures, smoke ? 1000 : 100_000)
  await statuses(figures, smoke ? 1000 : 10_000)
  for (let n = 0; n < (smoke ? 1 : 3); n++) cronOverZones(figures, smoke ? 50 : 1)
  const missing = smoke ? 'it takes minutes' : await besideDagster(figures, python)
  print(figures)
  if (missing !== null) console.log(`Dagster is left out: ${missing}`)
  if (json) console.log(jsonLine('brain', figures))
}

function print(figures: Figures): void {
  for (const figure of figures.all())
    console.log(`${figure.name.padEnd(42)} ${shown(median(figure)).padStart(8)} ${figure.unit}`)
}
