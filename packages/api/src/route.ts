import type { Json } from '@sluice/core'
import { createRoute, z } from '@hono/zod-openapi'
import { problem } from './errors/problem.ts'
import type { Permission } from './permissions.ts'

type Schema = z.ZodType

interface Contract<Params, Query, Body, Result> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As in OpenAPI: `/runs/{run}`. */
  readonly path: string
  readonly permission: Permission
  readonly summary: string
  readonly description?: string
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** What it answers: 200 with this as JSON. */
  readonly result: Result
  /** 201 where something was made. */
  readonly status?: 200 | 201
  /** Bytes that its body may have. Default 1 MB: params are small, data goes through values. */
  readonly largest?: number
  /** How deep lists and objects in its body may nest. Default 64. */
  readonly deepest?: number
}

/** Of a route without them. */
const none = z.object({})

/**
 * A route of the API. Without a permission it does not compile; the server matches the path exactly and asks for the
 * permission before anything else.
 */
export function route<
  Result extends Schema,
  Params extends z.ZodObject = typeof none,
  Query extends z.ZodObject = typeof none,
  Body extends Schema = z.ZodUndefined,
>(contract: Contract<Params, Query, Body, Result>) {
  const { method, path, permission, summary, description, params, query, body, result, status = 200 } = contract
  const openapi = createRoute({
    method,
    path,
    summary,
    ...(description !== undefined && { description }),
    tags: [path.split('/')[1] ?? ''],
    'x-permission': permission,
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: {
      [status]: { description: 'Done.', content: { 'application/json': { schema: result } } },
      default: { description: 'Refused.', content: { 'application/problem+json': { schema: problem } } },
    },
  })
  return Object.freeze({ ...contract, status, openapi })
}

export type Route = ReturnType<typeof route<Schema, z.ZodObject, z.ZodObject, Schema>>
/** An empty object of Zod's would forbid every other property. */
type Plain<T> = string extends keyof T ? Record<never, never> : T
type Of<S, How extends 'in' | 'out'> = S extends Schema ? Plain<How extends 'in' ? z.input<S> : z.output<S>> : never

/** What a route is given, and what it answers, as types. */
export type ParamsOf<R> = R extends { readonly params?: infer P } ? Of<Exclude<P, undefined>, 'out'> : never
export type QueryOf<R> = R extends { readonly query?: infer Q } ? Of<Exclude<Q, undefined>, 'out'> : never
export type BodyOf<R> = R extends { readonly body?: infer B } ? Body<Exclude<B, undefined>, 'out'> : never
export type ResultOf<R> = R extends { readonly result: infer S } ? (S extends Schema ? z.output<S> : never) : never
/** As a client writes them: with what has a default left out. */
export type QueryIn<R> = R extends { readonly query?: infer Q } ? Of<Exclude<Q, undefined>, 'in'> : never
export type BodyIn<R> = R extends { readonly body?: infer B } ? Body<Exclude<B, undefined>, 'in'> : never
type Body<S, How extends 'in' | 'out'> = S extends z.ZodUndefined
  ? undefined
  : S extends Schema
    ? How extends 'in'
      ? z.input<S>
      : z.output<S>
    : undefined

/** Numbers in a query are text. */
export const queryNumber = z.coerce.number<number>().int().min(0).openapi({ type: 'integer' })
/** Several words in a query. */
export const comma = (what: string) =>
  z
    .string()
    .transform((text) => text.split(',').filter((one) => one !== ''))
    .describe(what)
/** How many rows a page has. */
const limit = (usual: number, most: number) => z.coerce.number<number>().int().min(1).max(most).default(usual)
const cursor = z.string().min(1).max(2000)
const ofThePageBefore = '`next` of the page before; without it the list begins.'

/** What every list takes. Its cursors are words that only the server reads. */
export const paged = (usual = 50, most = 1000) => ({
  cursor: cursor.optional().describe(ofThePageBefore),
  limit: limit(usual, most),
})
/** The same where rows have numbers. */
export const pagedByNumber = (usual = 50, most = 1000) => ({
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional()
    .describe(ofThePageBefore),
  limit: limit(usual, most),
})
/** What every list answers, beside its rows. */
export const next = z.string().nullable().describe('The cursor of the next page; null where this is the last.')
/** What `core` has a type for and the document only calls an object: definitions, whose shape grows with what users may write. */
export const asIs = <T>(what: string) =>
  z.custom<T>((value) => typeof value === 'object' && value !== null).openapi({ type: 'object', description: what })

/** Any JSON. */
export const json = z
  .custom<Json>((value) => value !== undefined)
  .openapi({ description: 'Any JSON.', type: ['object', 'array', 'string', 'number', 'boolean', 'null'] })
export { z }
