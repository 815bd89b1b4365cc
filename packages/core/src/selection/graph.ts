/** What a selection can ask about one asset. */
export interface AssetRecord {
  readonly name: string
  /** Names of the assets that it is made from. One that is not in the graph, and itself, are passed over. */
  readonly upstream: readonly string[]
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly owners?: readonly string[] | undefined
  readonly group?: string | undefined
  readonly kinds?: readonly string[] | undefined
  readonly location?: string | undefined
  readonly columns?: readonly { readonly name: string }[] | null | undefined
  /** Is it made elsewhere? */
  readonly external?: boolean | undefined
}

/** Assets by number, with their edges both ways. */
export interface Graph {
  readonly names: readonly string[]
  readonly indexes: ReadonlyMap<string, number>
  readonly everything: readonly number[]
  readonly upstream: readonly (readonly number[])[]
  readonly downstream: readonly (readonly number[])[]
}

const known = new WeakMap<readonly AssetRecord[], Graph>()

/** Made once for each list of assets. */
export function graphOf(assets: readonly AssetRecord[]): Graph {
  const made = known.get(assets) ?? make(assets)
  known.set(assets, made)
  return made
}

function make(assets: readonly AssetRecord[]): Graph {
  const names = assets.map((one) => one.name)
  const indexes = new Map(names.map((name, index) => [name, index]))
  const upstream: number[][] = assets.map(() => [])
  const downstream: number[][] = assets.map(() => [])
  for (const [index, one] of assets.entries()) {
    for (const name of new Set(one.upstream)) {
      const above = indexes.get(name)
      if (above === undefined || above === index) continue
      upstream[index]!.push(above)
      downstream[above]!.push(index)
    }
  }
  return { names, indexes, everything: names.map((_, index) => index), upstream, downstream }
}
