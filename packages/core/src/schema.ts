import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { Json } from './values/json.ts'

/** Any schema that speaks Standard Schema: Zod, Valibot, ArkType and others. */
// oxlint-disable-next-line no-explicit-any -- a schema of anything: `unknown` would refuse every concrete one
export type Schema = StandardSchemaV1<any, any>
/** What a caller gives. */
export type In<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferInput<S> : undefined
/** What the code gets, defaults filled in. */
export type Out<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : undefined

export type Awaitable<T> = T | Promise<T>
export type Empty = Record<never, never>
export type OneOrMore<T> = T | readonly T[]

export interface Issue {
  /** `pages[2].size`; empty for the value itself. */
  readonly path: string
  readonly message: string
}

/** Validates by a Standard Schema: the parsed value, or what is wrong, by path. */
export async function validate(
  schema: Schema,
  value: unknown,
): Promise<{ value: unknown } | { issues: readonly Issue[] }> {
  const result = await schema['~standard'].validate(value)
  if (!result.issues) return { value: result.value }
  return { issues: result.issues.map((issue) => ({ path: pathText(issue.path ?? []), message: issue.message })) }
}

/** What a schema takes, as JSON Schema (draft 2020-12); `null` where it cannot say so, or has no word for something. */
export function jsonSchemaOf(schema: Schema): Json | null {
  const { jsonSchema } = schema['~standard'] as Partial<StandardJSONSchemaV1.Props>
  try {
    return jsonSchema ? (jsonSchema.input({ target: 'draft-2020-12' }) as Json) : null
  } catch {
    return null
  }
}

function pathText(path: readonly (PropertyKey | StandardSchemaV1.PathSegment)[]): string {
  let text = ''
  for (const part of path) {
    const key = typeof part === 'object' ? part.key : part
    text += typeof key === 'number' ? `[${key}]` : text ? `.${String(key)}` : String(key)
  }
  return text
}
