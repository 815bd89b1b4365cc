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
  'code_location',
  'job',
  'schedule',
  'sensor',
  // What only a running server knows.
  'status',
  'column',
  'table_name',
  'column_tag',
  'changed_in_branch',
  'partitions',
  'automation_type',
] as const

export type Attribute = (typeof attributes)[number]
