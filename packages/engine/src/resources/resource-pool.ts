import { type Configured, type Resource, type ResourceScope, SluiceError, validate } from '@sluice/core'
import type { Frame } from '../steps/frame.ts'

/** Opens resources when they are first needed in their scope, and closes them when it ends. */
export interface ResourcePool {
  open(resource: Resource, frame: Frame): Promise<unknown>
  /** Refuses missing and wrong configuration, before anything runs. */
  check(resources: Iterable<Resource>): Promise<void>
  /** Closes what this attempt opened, last first; `undefined` where it opened nothing. */
  closeStep(frame: Frame): Promise<void> | undefined
  closeRun(): Promise<void>
}

type Held = {
  readonly resource: Resource
  readonly value: Promise<unknown>
  /** When it was open; what it uses was so before. */ order: number
}
type Shelf = Map<string, Held>

const scopes: readonly ResourceScope[] = ['step', 'run', 'process']
let opened = 0

/** Resources of scope `process`: opened by the first run that needs them, and kept for the next. */
export interface ProcessResources {
  readonly shelf: Shelf
  close(): Promise<void>
}

export function openProcessResources(): ProcessResources {
  const shelf: Shelf = new Map()
  return { shelf, close: () => closeShelf(shelf) }
}

/** Those of this process: whoever executes its runs closes them when it ends. */
export const processResources: ProcessResources = openProcessResources()

/** Closes what the whole process shares. */
export function closeProcessResources(): Promise<void> {
  return processResources.close()
}

/** @param configured where a name is configured twice, the last one counts. */
export function openResourcePool(configured: readonly Configured[], ofProcess: ProcessResources): ResourcePool {
  const given = new Map(configured.filter((one) => one.of === 'resource').map((one) => [one.name, one.given]))
  const ofRun: Shelf = new Map()
  const ofStep = new WeakMap<Frame, Shelf>()

  const shelfFor = (scope: ResourceScope, frame: Frame): Shelf => {
    if (scope === 'process') return ofProcess.shelf
    if (scope === 'run') return ofRun
    let shelf = ofStep.get(frame)
    if (!shelf) ofStep.set(frame, (shelf = new Map()))
    return shelf
  }

  const configOf = async (resource: Resource): Promise<unknown> => {
    const own = given.get(resource.name)
    const { config: schema } = resource.options
    const raw = own && 'config' in own ? own.config : undefined
    if (!schema) return raw
    const result = await validate(schema, raw ?? {})
    if ('value' in result) return result.value
    const issues = result.issues.map(({ path, message }) => `${path || 'it'}: ${message}`).join('; ')
    const why = own ? 'cannot be used' : 'is missing'
    throw new SluiceError('RESOURCE_MISSING', `The configuration of resource "${resource.name}" ${why}: ${issues}.`, {
      hint: `In sluice.config.ts: with: [${resource.name}.with({ … })], or for one environment under environments.`,
      data: { place: resource.place() },
    })
  }

  /** `least`: of what uses it, which it must outlive. */
  const open = (resource: Resource, frame: Frame, least: ResourceScope = 'step'): Promise<unknown> => {
    const own = given.get(resource.name)
    if (own && 'value' in own) return Promise.resolve(own.value)
    const scope = scopes[Math.max(scopes.indexOf(resource.options.scope), scopes.indexOf(least))]!
    const shelf = shelfFor(scope, frame)
    const known = shelf.get(resource.name)
    if (known) return known.value
    const value = openOne(resource, frame, scope)
    const held = { resource, value, order: 0 }
    shelf.set(resource.name, held)
    value.then(
      () => (held.order = ++opened),
      () => shelf.delete(resource.name), // the next step tries again
    )
    return value
  }

  const openOne = async (resource: Resource, frame: Frame, scope: ResourceScope): Promise<unknown> => {
    const config = await configOf(resource)
    const uses: Record<string, unknown> = {}
    for (const [name, used] of Object.entries(resource.options.uses ?? {})) uses[name] = await open(used, frame, scope)
    try {
      return await resource.options.open(config, uses)
    } catch (cause) {
      throw new SluiceError(
        'RESOURCE_FAILED',
        `Resource "${resource.name}" could not be opened: ${(cause as Error).message}`,
        {
          cause,
          retryable: true,
        },
      )
    }
  }

  return {
    open: (resource, frame) => open(resource, frame),
    async check(resources) {
      const all = new Set(resources)
      for (const resource of all) {
        const own = given.get(resource.name)
        if (own && 'value' in own) continue
        await configOf(resource)
        for (const used of Object.values(resource.options.uses ?? {})) all.add(used)
      }
    },
    closeStep(frame) {
      const shelf = ofStep.get(frame)
      return shelf && closeShelf(shelf)
    },
    closeRun: () => closeShelf(ofRun),
  }
}

async function closeShelf(shelf: Shelf): Promise<void> {
  const held = [...shelf.values()].toSorted((a, b) => b.order - a.order)
  shelf.clear()
  for (const { resource, value } of held) {
    try {
      await resource.options.close?.(await value)
    } catch (cause) {
      // oxlint-disable-next-line no-console -- no run is left to write it to
      console.warn(`Resource "${resource.name}" did not close cleanly: ${(cause as Error).message}`)
    }
  }
}
