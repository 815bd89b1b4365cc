/** What a selection says, as plain data. */
export type SelectionAst =
  /** `*` */
  | { readonly kind: 'all' }
  /** A name without `key:`, which must exist. */
  | { readonly kind: 'name'; readonly name: string }
  /** `group:raw`; `null` is `<null>`. `tag:tier=gold` has both, `tag:pii` an empty value. */
  | {
      readonly kind: 'attribute'
      readonly attribute: Attribute
      readonly value: string | null
      readonly tagValue?: string | null
    }
  | { readonly kind: 'and' | 'or'; readonly of: readonly SelectionAst[] }
  | { readonly kind: 'not' | 'sinks' | 'roots'; readonly of: SelectionAst }
  /** `2+e+`: how many levels up and down. */
  | { readonly kind: 'traverse'; readonly of: SelectionAst; readonly up: Levels; readonly down: Levels }

export type Levels = number | 'all'

export const attributes = [
  'key',
  'tag',
  'owner',
  'group',
  'kind',
  'is',
  'location',
  'job',
  'schedule',
  'sensor',
  'status',
  'column',
  // What only a running server knows.
  'table_name',
  'column_tag',
  'changed_in_branch',
  'partitions',
  'automation_type',
] as const

export type Attribute = (typeof attributes)[number]

/** Does it ask this of assets? Whoever selects by `status`, `job`, … has to look it up first. */
export function asks(ast: SelectionAst, attribute: Attribute): boolean {
  if (ast.kind === 'attribute') return ast.attribute === attribute
  if (ast.kind === 'all' || ast.kind === 'name') return false
  return Array.isArray(ast.of) ? ast.of.some((one) => asks(one, attribute)) : asks(ast.of as SelectionAst, attribute)
}
