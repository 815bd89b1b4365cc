import { json, z } from '../route.ts'
import { git, time } from '../shapes.ts'

/** A version of the code in which the definition of an asset is another than in the version before. */
export const definitionVersion = z
  .object({
    version: z.string(),
    createdAt: time,
    git,
    what: z.enum(['added', 'removed', 'changed']),
    changes: z
      .array(
        z.object({
          field: z.string().describe('Such as owners, columns.email, checks.has_rows, edges.raw/orders.'),
          before: json.describe('null: nothing of the kind.'),
          after: json,
        }),
      )
      .describe('Of one that changed.'),
  })
  .openapi('DefinitionVersion')
