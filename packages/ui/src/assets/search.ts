import { given, textIn } from '../runs/search.ts'

export const views = ['table', 'graph', 'tree'] as const
export type AssetsView = (typeof views)[number]

/** What is asked of the assets, as the address has it. */
export interface AssetsSearch {
  readonly selection?: string
  /** Left out: the table. */
  readonly view?: Exclude<AssetsView, 'table'>
  /** What is chosen in the graph and the tree: an asset, or `group:NAME`. */
  readonly at?: string
  /** The groups that are unfolded there, `*` for all; left out: as many as can be read. */
  readonly open?: '*' | readonly string[]
}

/** What does not fit is left out. */
export function assetsSearch(search: Record<string, unknown>): AssetsSearch {
  const { view, open } = search
  return given({
    selection: textIn(search['selection']),
    view: view === 'graph' || view === 'tree' ? view : undefined,
    at: textIn(search['at']),
    open: open === '*' ? ('*' as const) : Array.isArray(open) ? open.map(String).slice(0, 500) : undefined,
  })
}
