import type { StandardSchemaV1 } from '@standard-schema/spec'
import { SluiceError } from '../errors/sluice-error.ts'
import { arktypeColumns } from './columns-of-arktype.ts'
import { valibotColumns } from './columns-of-valibot.ts'
import { zodColumns } from './columns-of-zod.ts'
import type { Column } from './columns.ts'
import type { Shape } from './column-shape.ts'

const readers: Readonly<Record<string, (schema: unknown) => Record<string, Shape> | null>> = {
  zod: zodColumns,
  valibot: valibotColumns,
  arktype: arktypeColumns,
}

/**
 * The columns of a table, from the schema of its rows: an object schema of Zod 4, Valibot or ArkType. What a row holds
 * after validation counts (the end of a `pipe`, a default filled in); a type that no column has becomes `json`.
 *
 * @param whose such as `Asset "orders"`.
 * @throws SluiceError DEFINITION_INVALID where no columns can be read.
 */
export function columnsOf(schema: StandardSchemaV1, whose = 'This'): readonly Column[] {
  const { vendor } = schema['~standard']
  const read = readers[vendor]
  if (!read) {
    throw new SluiceError(
      'DEFINITION_INVALID',
      `${whose}: columns cannot be read from a schema of ${JSON.stringify(vendor)}.`,
      {
        hint: 'Use an object schema of Zod 4, Valibot or ArkType.',
      },
    )
  }
  const columns = Object.entries(read(schema) ?? {}).map(([name, { type, nullable }]) => ({ name, type, nullable }))
  if (columns.length > 0) return columns
  throw new SluiceError(
    'DEFINITION_INVALID',
    `${whose}: columns must be an object schema with at least one property.`,
    {
      hint: `Write columns: ${examples[vendor]}.`,
    },
  )
}

const examples: Readonly<Record<string, string>> = {
  zod: 'z.object({ id: z.int(), name: z.string() }) (Zod 4)',
  valibot: 'v.object({ id: v.number(), name: v.string() })',
  arktype: "type({ id: 'number', name: 'string' })",
}
