import {
  type AnyAsset,
  type Definitions,
  type Settings,
  type SqlCheck,
  SluiceError,
  collect,
  columnsOf,
  sampleKey,
  sliceOf,
  sourcesFor,
  toStoredError,
  upstreamOf,
} from '@sluice/core'
import type { CheckRequest, Checked } from '../messages.ts'
import type { Program } from './host.ts'
import { settingsFor } from './run.ts'

/** What loading does not find: configuration of resources, and queries that do not fit their tables. Runs nothing. */
export async function check(program: Program, request: CheckRequest): Promise<Checked> {
  const definitions = collect(program.exports)
  const settings = await settingsFor(program, request)
  const problems = [
    ...(await resourceProblems(definitions, settings)),
    ...(await sqlProblems(program, definitions, settings)),
  ]
  return { problems: problems.map((problem) => toStoredError(problem)) }
}

async function resourceProblems({ resources }: Definitions, { configured }: Settings): Promise<unknown[]> {
  if (resources.size === 0) return []
  const { openResourcePool, processResources } = await import('@sluice/engine')
  const pool = openResourcePool(configured, processResources)
  const found: unknown[] = []
  for (const resource of resources.values()) await pool.check([resource]).catch((error: unknown) => found.push(error))
  return found
}

async function sqlProblems(program: Program, definitions: Definitions, { values }: Settings): Promise<unknown[]> {
  const queries = [...definitions.assets.values()].filter((asset) => asset.query)
  if (queries.length === 0) return []
  const io = await values?.open({ root: program.root, home: program.home, readOnly: true })
  try {
    if (!io?.checkSql) return [needsEngine(queries[0]!)]
    const checks: SqlCheck[] = []
    const found: unknown[] = []
    for (const asset of queries) {
      try {
        checks.push(sqlCheckOf(asset))
      } catch (cause) {
        found.push(misfit(asset, (cause as Error).message, cause))
      }
    }
    for (const { asset, message } of await io.checkSql(checks))
      found.push(misfit(definitions.assets.get(asset)!, message))
    return found
  } finally {
    await io?.close()
  }
}

function sqlCheckOf(asset: AnyAsset): SqlCheck {
  const inputs = upstreamOf(asset).filter(({ input }) => input !== undefined)
  return {
    asset: asset.name,
    sql: asset.query!(sourcesFor(inputs.map(({ input }) => input!)), { partition: samplePartition(asset) }),
    inputs: Object.fromEntries(
      inputs.map(({ input, asset: up }) => [
        input!,
        up.options.columns ? columnsOf(up.options.columns, `Asset "${up.name}"`) : [],
      ]),
    ),
    columns: columnsOf(asset.options.columns!, `Asset "${asset.name}"`),
  }
}

/** The text of a query may use the partition: any of its kind will do, as only types are looked at. */
function samplePartition({ partitions }: AnyAsset): unknown {
  if (!partitions) return undefined
  const { spec } = partitions
  return sliceOf(spec, sampleKey(spec))
}

function misfit(asset: AnyAsset, message: string, cause?: unknown): SluiceError {
  return new SluiceError('SQL_INVALID', `The query of "${asset.name}" does not fit: ${message}`, {
    cause,
    hint: 'Mend the query, or the columns on one of its sides, and run `sluice validate` again.',
    data: { place: asset.place() },
  })
}

function needsEngine(asset: AnyAsset): SluiceError {
  return new SluiceError(
    'SQL_NEEDS_ENGINE',
    `"${asset.name}" gives SQL, and no place of values that runs SQL is configured.`,
    {
      hint: "Set values: duckdb('warehouse.duckdb') in sluice.config.ts (npm install @sluice/duckdb).",
      data: { place: asset.place() },
    },
  )
}
