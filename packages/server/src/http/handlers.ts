import type { BodyOf, ParamsOf, QueryOf, ResultOf, Routes } from '@sluice/api'
import type { Context } from '../context.ts'

type Empty = Record<never, never>
type Parts<R> = (ParamsOf<R> extends never ? Empty : ParamsOf<R>) &
  (QueryOf<R> extends never ? Empty : QueryOf<R>) &
  (BodyOf<R> extends undefined ? Empty : { body: BodyOf<R> })

/** What answers a route: it gets params, query and body, checked, in one. */
export type Handler<R> = (context: Context, input: Parts<R>) => Promise<ResultOf<R>>

export type HandlersOf<Noun extends keyof Routes> = {
  readonly [Name in keyof Routes[Noun]]: Handler<Routes[Noun][Name]>
}
