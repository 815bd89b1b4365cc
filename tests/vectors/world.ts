import { createHash } from 'node:crypto'
import type { ConditionAsset, KeysAt, Mapping } from '@sluice/core'
import { mappingOf, specOf } from './partitions.ts'
import type { Input } from './shapes.ts'

/** A graph of assets and what happened to them, as the timelines of the cases tell it. */
export interface NodeCase {
  readonly key: string
  readonly deps?: readonly (string | { readonly key: string; readonly mapping?: never })[]
  readonly partitions?: never
  readonly condition?: unknown
  readonly code_version?: string | null
  readonly external?: boolean
  readonly observable?: boolean
  readonly checks?: readonly { readonly name: string; readonly blocking?: boolean; readonly condition?: unknown }[]
}

export interface Made {
  readonly seq: number
  readonly at: number
  readonly began: number
  readonly run: Run | null
  readonly partition: string | null
  readonly dataVersion: string
  readonly codeVersion: string | null
  /** `asset` or `asset|partition` to the version that was read. */
  readonly inputs: Readonly<Record<string, string>>
  readonly kind: 'materialization' | 'observation'
}

export interface Run {
  readonly id: string
  readonly assets: readonly string[]
  readonly partition: string | null
  readonly began: number
  ended: number | null
  state: 'running' | 'succeeded' | 'failed'
  readonly made: Set<string>
}

type Event = Readonly<Record<string, never>> & { readonly type: string }

export class World {
  readonly nodes = new Map<string, NodeCase>()
  readonly dynamic: Record<string, string[]> = {}
  readonly made = new Map<string, Made[]>()
  readonly runs: Run[] = []
  readonly checkResults = new Map<string, { seq: number; at: number; passed: boolean }>()
  #seq = 0

  constructor(graph: readonly NodeCase[]) {
    for (const node of graph) this.nodes.set(node.key, node)
  }

  get seq(): number {
    return this.#seq
  }

  keysAt(at: string): KeysAt {
    return { now: Temporal.Instant.from(at), dynamic: structuredClone(this.dynamic) }
  }

  /** @param requested what the last tick asked for. */
  apply(
    event: Input,
    at: number,
    requested: readonly (readonly [asset: string, partition: string | null])[] = [],
  ): void {
    const { type, asset, assets, partition = null, run, name, keys } = event as unknown as Event
    const targets = (assets ?? [asset]) as unknown as readonly string[]
    switch (type) {
      case 'materialize':
        return this.#finish(this.#begin(targets, partition, at), at, [], event['data_versions'] as never)
      case 'materialize_requested':
        for (const [one, key] of requested) this.#finish(this.#begin([one], key, at), at, [])
        return undefined
      case 'fail':
        return this.#finish(this.#begin(targets, partition, at), at, (event['failing'] ?? targets) as readonly string[])
      case 'start_run':
        return void this.#begin(targets, partition, at, run)
      case 'finish_run': {
        const found = this.runs.findLast(({ id }) => id === run)!
        return this.#finish(found, at, event['success'] === true ? [] : found.assets)
      }
      case 'report_materialization':
      case 'report_observation':
        return void this.#record(asset!, partition, {
          at,
          began: at,
          run: null,
          kind: type === 'report_observation' ? 'observation' : 'materialization',
          dataVersion: event['data_version'] as string | undefined,
        })
      case 'check_result':
        this.checkResults.set(`${asset}:${event['check'] as string}`, {
          seq: ++this.#seq,
          at,
          passed: event['passed'] === true,
        })
        return undefined
      case 'add_dynamic':
        this.dynamic[name!] = [...new Set([...(this.dynamic[name!] ?? []), ...(keys as unknown as readonly string[])])]
        return undefined
      case 'delete_dynamic':
        this.dynamic[name!] = (this.dynamic[name!] ?? []).filter(
          (key) => !(keys as unknown as readonly string[]).includes(key),
        )
        return undefined
      case 'wipe':
        this.made.delete(asset!)
        for (const one of this.runs) one.made.delete(asset!)
        return undefined
      case 'update_asset':
        this.nodes.set(asset!, { ...this.nodes.get(asset!), key: asset!, ...(event['set'] as object) })
        return undefined
      default:
        throw new Error(`No such event: ${type}`)
    }
  }

  #begin(assets: readonly string[], partition: string | null, at: number, id?: string): Run {
    const run: Run = {
      id: id ?? `run ${this.runs.length}`,
      assets,
      partition,
      began: at,
      ended: null,
      state: 'running',
      made: new Set(),
    }
    this.runs.push(run)
    this.#seq += 1
    return run
  }

  #finish(run: Run, at: number, failing: readonly string[], versions: Readonly<Record<string, string>> = {}): void {
    const broken = new Set(failing)
    for (const asset of this.#inOrder(run.assets)) {
      const isBelow = this.depsOf(asset).some(([dep]) => dep !== asset && broken.has(dep))
      if (isBelow) broken.add(asset)
      if (broken.has(asset)) continue
      const partition = this.nodes.get(asset)?.partitions ? run.partition : null
      this.#record(asset, partition, {
        at,
        began: run.began,
        run,
        kind: 'materialization',
        dataVersion: versions[asset],
      })
      run.made.add(asset)
    }
    run.state = broken.size > 0 ? 'failed' : 'succeeded'
    run.ended = at
  }

  #inOrder(assets: readonly string[]): readonly string[] {
    const left = new Set(assets)
    const ordered: string[] = []
    while (left.size > 0) {
      const next = [...left].find((one) => this.depsOf(one).every(([dep]) => dep === one || !left.has(dep)))!
      left.delete(next)
      ordered.push(next)
    }
    return ordered
  }

  #record(
    asset: string,
    partition: string | null,
    given: Pick<Made, 'at' | 'began' | 'run' | 'kind'> & { readonly dataVersion: string | undefined },
  ): void {
    const codeVersion = this.nodes.get(asset)?.code_version ?? null
    const inputs = given.run ? this.#inputsOf(asset, partition) : {}
    const seq = ++this.#seq
    const source = codeVersion ?? given.run?.id ?? `report ${seq}`
    const hash = createHash('sha256')
      .update(JSON.stringify([source, Object.entries(inputs).toSorted(([a], [b]) => (a < b ? -1 : 1))]))
      .digest('hex')
    const records = this.made.get(asset) ?? []
    this.made.set(asset, [
      ...records,
      { ...given, seq, partition, codeVersion, inputs, dataVersion: given.dataVersion ?? hash },
    ])
  }

  #inputsOf(asset: string, partition: string | null): Record<string, string> {
    const found: Record<string, string> = Object.fromEntries(this.depsOf(asset).map(([dep]) => [dep, '']))
    for (const [dep, key] of this.upstreamSlices(asset, partition)) {
      const version = this.newest(dep, key)?.dataVersion
      if (version !== undefined) found[key === null ? dep : `${dep}|${key}`] = version
    }
    return found
  }

  /** The slices that a slice is made from, set by whoever knows the moment. */
  upstreamSlices: (asset: string, partition: string | null) => readonly (readonly [string, string | null])[] = (
    asset,
  ) => this.depsOf(asset).map(([dep]) => [dep, null] as const)

  newest(asset: string, partition: string | null): Made | undefined {
    return this.made.get(asset)?.findLast((one) => one.partition === partition)
  }

  depsOf(asset: string): readonly (readonly [dep: string, mapping: Mapping | undefined])[] {
    const node = this.nodes.get(asset)
    return (node?.deps ?? []).map((dep) => {
      if (typeof dep === 'string') return [dep, undefined] as const
      const [up, down] = [specOf(this.nodes.get(dep.key)?.partitions ?? null), specOf(node?.partitions ?? null)]
      return [dep.key, mappingOf(dep.mapping ?? null, up, down)] as const
    })
  }

  assets(condition: (given: unknown) => ConditionAsset['condition']): ConditionAsset[] {
    return [...this.nodes.values()].map((node) => ({
      name: node.key,
      upstream: this.depsOf(node.key).map(([dep]) => dep),
      edges: this.depsOf(node.key).map(([asset, mapping]) => ({ asset, mapping })),
      partitions: specOf(node.partitions ?? null),
      condition: node.condition === undefined ? undefined : condition(node.condition),
      codeVersion: node.code_version ?? null,
      external: node.external === true || node.observable === true,
      checks: (node.checks ?? []).map((check) => ({
        name: check.name,
        blocking: check.blocking ?? false,
        condition: check.condition === undefined ? undefined : condition(check.condition),
      })),
    }))
  }
}
