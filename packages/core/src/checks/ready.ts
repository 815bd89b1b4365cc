import type { Metadata } from '../assets/materialization.ts'
import { meta } from '../assets/metadata.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { Awaitable } from '../schema.ts'
import type { Column } from '../values/columns.ts'
import { usualRange } from './anomaly.ts'
import type { CheckContext, CheckOptions, CheckOutcome } from './check.ts'
import { type HasRows, countRows, rowsOf } from './count-rows.ts'

type About = Omit<CheckOptions<unknown>, 'run'>

interface Bounds {
  /** What is below does not pass. */
  readonly min?: number
  /** What is above does not pass. */
  readonly max?: number
}

/** Rows that may lack it: `unknown` is in every type. */
type Has<Name extends string> = { readonly [N in Name]?: unknown }

/** Ready-made checks, for `.checks({ name: check.rows({ min: 1 }) })`. Rows may be a table in any place, or a list. */
export const check = Object.freeze({
  /** How many rows there are. Of what something else makes, and cannot be read, the metadata `rows` is looked at. */
  rows(options: Bounds & About): CheckOptions<HasRows<unknown> | undefined | void> {
    requireBound('rows', options)
    return made(options, `Has ${boundsText(options)} rows`, async ({ value, metadata }) => {
      const rows = value === undefined ? numberOf(metadata, 'rows') : (await countRows(value, {})).rows
      return { passed: rows === null ? null : isWithin(rows, options), metadata: rows === null ? {} : { rows } }
    })
  },

  /** What share of the rows has no value (`null`, `undefined`) in a column. `max` is from 0 to 1, default 0: none may. */
  nulls<Name extends string>(
    column: Name,
    options: { readonly max?: number } & About = {},
  ): CheckOptions<HasRows<Has<Name>>> {
    const { max = 0 } = options
    if (!(max >= 0 && max <= 1))
      throw new SluiceError(
        'DEFINITION_INVALID',
        `check.nulls("${column}"): max is a share from 0 to 1, and not ${max}.`,
        {
          hint: 'Write { max: 0.05 } for 5%.',
        },
      )
    const what = `${column} has ${max === 0 ? 'no nulls' : `at most ${Math.round(max * 10_000) / 100}% nulls`}`
    return made(options, what, async ({ value, columns }) => {
      requireColumns([column], columns)
      const { rows, nulls } = await countRows(value, { nulls: [column] })
      const rate = rows === 0 ? 0 : nulls[column]! / rows
      return { passed: rate <= max, metadata: { nulls: nulls[column]!, rows, rate } }
    })
  },

  /**
   * That no two rows have the same in these columns together. A row without a value in one of them is like no other; where no
   * row has them all, nothing can be said.
   */
  unique<Name extends string>(columns: Name | readonly Name[], options: About = {}): CheckOptions<HasRows<Has<Name>>> {
    const distinct: readonly Name[] = typeof columns === 'string' ? [columns] : columns
    return made(options, `${distinct.join(', ')} is unique`, async (context) => {
      requireColumns(distinct, context.columns)
      const counted = await countRows(context.value, { distinct })
      const duplicates = counted.complete - counted.distinct
      const isEmpty = counted.rows > 0 && counted.complete === 0
      return { passed: isEmpty ? null : duplicates === 0, metadata: { duplicates, rows: counted.rows } }
    })
  },

  /**
   * That the columns are those of the time before: none came, went, or has another type. The first time nothing can be
   * said. A list of objects has the columns of its first row.
   */
  sameColumns(options: About = {}): CheckOptions<HasRows<unknown>> {
    return made(options, 'Has the columns of the time before', async (context) => {
      const columns = context.columns?.map(columnText) ?? (await columnsOfRows(context.value))
      const schema = meta.schema(columns)
      const [before] = await context.results(1)
      const known = before?.metadata['columns']
      if (known?.type !== 'schema') return { passed: null, metadata: { columns: schema } }
      const changes = columnChanges(known.columns, columns)
      return { passed: changes.length === 0, metadata: { columns: schema, ...(changes.length > 0 && { changes }) } }
    })
  },

  /** That a number which the asset noted of itself, by `metadata({ … })`, is within bounds. It fails where there is none. */
  metadata(name: string, options: Bounds & About): CheckOptions<unknown> {
    requireBound('metadata', options)
    return made(options, `${name} is ${boundsText(options)}`, ({ metadata }) => {
      const value = numberOf(metadata, name)
      if (value === null)
        return { passed: false, metadata: { problem: `There is no number "${name}" in the metadata.` } }
      return { passed: isWithin(value, options), metadata: { [name]: value } }
    })
  },

  /**
   * That a number is as usual: within so many median deviations (`mads`) of the median of the last sixty that can be
   * compared. Fewer than eight say nothing. The number is one that the asset noted (`'rows'` of a table is always there), or
   * one that a function makes of what is checked, which the check remembers.
   */
  anomaly<T>(
    measure: string | ((context: CheckContext<T>) => Awaitable<number>),
    options: { readonly mads?: number } & About = {},
  ): CheckOptions<T> {
    const name = typeof measure === 'string' ? measure : 'measured'
    return made(options, `${name} is as usual`, async (context: CheckContext<T>) => {
      const value = typeof measure === 'string' ? numberOf(context.metadata, name) : await measure(context)
      if (value === null)
        return { passed: false, metadata: { problem: `There is no number "${name}" in the metadata.` } }
      const past = typeof measure === 'string' ? await context.past(window) : await context.results(window)
      const values = past.flatMap(({ metadata }) => numberOf(metadata, name) ?? [])
      const usual = usualRange(values, options.mads)
      const facts = { [name]: value, compared: values.length }
      if (!usual) return { passed: null, metadata: facts }
      const { lowest: min, highest: max } = usual
      return { passed: isWithin(value, { min, max }), metadata: { ...facts, ...usual } }
    })
  },
})

/** Past values that are looked at: enough to know how large a deviation is, and few enough to follow a change. */
const window = 60

function made<T>(
  { description, blocking, severity, condition, retries, timeout }: About,
  what: string,
  run: (context: CheckContext<T>) => Awaitable<CheckOutcome>,
): CheckOptions<T> {
  return {
    description: description ?? what,
    ...(blocking && { blocking }),
    ...(severity && { severity }),
    ...(condition && { condition }),
    ...(retries !== undefined && { retries }),
    ...(timeout !== undefined && { timeout }),
    run,
  }
}

const isWithin = (value: number, { min = -Infinity, max = Infinity }: Bounds): boolean => value >= min && value <= max

function boundsText({ min, max }: Bounds): string {
  if (min === undefined) return `at most ${max}`
  return max === undefined ? `at least ${min}` : `${min} to ${max}`
}

function requireBound(name: string, { min, max }: Bounds): void {
  if (min !== undefined || max !== undefined) return
  throw new SluiceError('DEFINITION_INVALID', `check.${name}() without min and max passes whatever there is.`, {
    hint: `Write check.${name}({ min: 1 }).`,
  })
}

function requireColumns(names: readonly string[], columns: readonly Column[] | null): void {
  const missing = columns && names.find((name) => !columns.some((one) => one.name === name))
  if (!missing) return
  throw new SluiceError('DEFINITION_INVALID', `The table has no column "${missing}".`, {
    hint: `It has: ${columns.map(({ name }) => name).join(', ')}.`,
  })
}

function numberOf(metadata: Metadata, name: string): number | null {
  const value = metadata[name]
  return value?.type === 'number' ? value.value : null
}

interface ColumnText {
  readonly name: string
  readonly type: string
}

const columnText = ({ name, type, nullable }: Column): ColumnText => ({ name, type: `${type}${nullable ? '?' : ''}` })

async function columnsOfRows(value: unknown): Promise<readonly ColumnText[]> {
  for await (const row of rowsOf(value) as AsyncIterable<unknown>)
    return Object.entries(row ?? {}).map(([name, its]) => ({ name, type: typeof its }))
  return []
}

/** Each as `email: came`, `age: number was integer`. */
function columnChanges(before: readonly ColumnText[], now: readonly ColumnText[]): string[] {
  const [old, its] = [before, now].map((columns) => new Map(columns.map(({ name, type }) => [name, type])))
  const changes: string[] = []
  for (const [name, type] of its!) {
    const was = old!.get(name)
    if (was === undefined) changes.push(`${name} (${type}) came`)
    else if (was !== type) changes.push(`${name} is ${type} and was ${was}`)
  }
  for (const [name, type] of old!) if (!its!.has(name)) changes.push(`${name} (${type}) went`)
  return changes
}
