import { calling } from '../calls/calling.ts'
import { type Place, place } from '../definitions/place.ts'
import type { Awaitable, Empty, In, Out, Schema } from '../schema.ts'

/** How long an opened resource is shared: by one step, by one run, or by the whole process. */
export type ResourceScope = 'step' | 'run' | 'process'

export interface ResourceOptions {
  readonly description?: string
  readonly config?: Schema
  readonly uses?: Readonly<Record<string, Resource>>
  readonly scope: ResourceScope
  readonly open: (config: unknown, uses: Readonly<Record<string, unknown>>) => unknown
  readonly close?: (opened: unknown) => unknown
}

// oxlint-disable-next-line no-explicit-any -- any resource at all
export interface Resource<T = any, C = any> {
  readonly kind: 'resource'
  readonly name: string
  readonly options: ResourceOptions
  readonly place: Place
  readonly _t?: T
  /** This resource with this configuration, for `with:` in a job, an environment or a test. */
  with(config: C): Configured
  /** This resource replaced by a value, in tests. */
  fake(value: T): Configured
}

/** A definition with its configuration chosen. */
export interface Configured {
  readonly kind: 'configured'
  readonly of: 'resource' | 'asset'
  readonly name: string
  /** `{ config }`, or `{ value }` where it is replaced. */
  readonly given: { readonly config: unknown } | { readonly value: unknown }
}

export type Resources = Readonly<Record<string, Resource>>
export type Opened<R> = { readonly [N in keyof R]: R[N] extends Resource<infer T> ? T : never }

/**
 * Something a step uses: a database, a client. Opened when first needed within its scope (default `'run'`), closed by
 * Sluice when the scope ends, also after a failure. `config` is validated before anything runs; a resource may use
 * others, which are opened before it and closed after it.
 */
export function resource<T, S extends Schema | undefined = undefined, R extends Resources = Empty>(
  name: string,
  options: {
    description?: string
    config?: S
    uses?: R
    scope?: ResourceScope
    open: (config: Out<S>, uses: Opened<R>) => Awaitable<T>
    close?: (opened: NoInfer<T>) => Awaitable<void>
  },
): Resource<T, In<S>> {
  return Object.freeze({
    kind: 'resource',
    name,
    options: Object.freeze({ scope: 'run', ...options }) as unknown as ResourceOptions,
    place: place(),
    with: (config: In<S>) => configured('resource', name, { config }),
    fake: (value: T) => configured('resource', name, { value }),
  })
}

export function configured(of: Configured['of'], name: string, given: Configured['given']): Configured {
  return Object.freeze({ kind: 'configured', of, name, given })
}

/** The resource inside a task, a flow or anything they call; opened once per scope, closed by Sluice. */
export function use<T>(r: Resource<T>): Promise<T> {
  return calling('use()').use(r) as Promise<T>
}
