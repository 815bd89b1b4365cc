import type { CallOptions } from './client.ts'

type List = (input: never, options?: CallOptions) => Promise<{ readonly next: string | null }>
type Page<L extends List> = Awaited<ReturnType<L>>

/**
 * Every page of a list, one after another: `for await (const { runs } of pages(client.runs.list, { job: 'eu' }))`.
 * Breaking off asks for no more. Events have no last page (they stream), so they do not go through this.
 */
export async function* pages<L extends List>(
  list: null extends Page<L>['next'] ? L : never,
  input: NonNullable<Parameters<L>[0]>,
  options?: CallOptions,
): AsyncGenerator<Page<L>, void, undefined> {
  let { cursor } = input as { cursor?: string }
  do {
    const page = (await list(
      { ...(input as object), ...(cursor !== undefined && { cursor }) } as never,
      options,
    )) as Page<L>
    yield page
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}
