import { type OnlyChecks, type Run, SluiceError } from '@sluice/core'
import type { Client } from '@sluice/api/client'
import { findProject } from '../project/project.ts'
import { serverFor } from '../system/server-for.ts'
import type { ServerOf, SystemOptions } from '../system/system.ts'
import { atServer } from '../terminal/shell.ts'
import { json, notes, output } from '../terminal/terminal.ts'
import { exitCodes } from './exit-codes.ts'
import { type RunOptions, readParams } from './options.ts'
import { tagsOf } from './tags-of.ts'
import { timeOf } from './time-of.ts'
import { viewFor } from './views.ts'

/** What only a server can take in: it has a queue, and goes on when this command has ended. */
export interface LaunchOptions extends SystemOptions {
  readonly location?: string
  readonly pool?: string
  readonly priority?: string
  readonly at?: string
  readonly once?: string
  readonly detach?: boolean
}

type Options = RunOptions &
  LaunchOptions & {
    readonly partition?: string
    readonly stale?: boolean
    readonly tag?: readonly string[]
    /** Tests assets instead of making them. */
    readonly onlyChecks?: OnlyChecks | undefined
  }

const ofServers = ['location', 'pool', 'priority', 'at', 'once', 'detach'] as const
/** A debugger, or a file that is saved, is of this machine. */
const ofThisMachine = ['env', 'inspect', 'watch'] as const

/**
 * Which server runs it; `null`: this process does. A file is code of this machine, and so it is run here.
 *
 * @throws SluiceError USAGE where the options want both.
 */
export async function serverToRun(file: string | undefined, options: Options): Promise<ServerOf | null> {
  const wantsServer = ofServers.find((name) => options[name] !== undefined)
  const wantsHere = file ?? flagOf(ofThisMachine.find((name) => options[name] !== undefined))
  if (wantsHere !== undefined && options.server !== undefined) {
    throw new SluiceError('USAGE', `${wantsHere} is of this machine, and --server names another place.`, {
      hint:
        file === undefined
          ? 'Leave one of them out.'
          : 'A server runs what it knows by name: sluice run TARGET --server URL. sluice deploy brings it the code of a file.',
    })
  }
  const server = wantsHere === undefined ? await serverFor(findProject(process.cwd()), options) : null
  if (server || wantsServer === undefined) return server
  throw new SluiceError(
    'USAGE',
    wantsHere === undefined
      ? `${flagOf(wantsServer)} needs a server, and none runs here.`
      : `${flagOf(wantsServer)} is for a server, and ${wantsHere} is run here.`,
    { hint: 'sluice dev starts a server here; --server or SLUICE_SERVER names another.' },
  )
}

const flagOf = <Name extends string | undefined>(name: Name): Name extends string ? string : undefined =>
  (name === undefined ? undefined : `--${name}`) as never

/** Launches by name on a server, and follows the run to its end. */
export async function launchOn(server: ServerOf, target: string, options: Options): Promise<number> {
  const { params, texts } = readParams(options)
  const { location, partition, onlyChecks: only, pool, priority, at, once } = options
  const given = { location, partition, pool, once, stale: options.stale }
  const body: Parameters<Client['runs']['launch']>[0]['body'] = {
    target,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(only !== undefined && { onlyChecks: only === 'all' ? only : [...only] }),
    tags: tagsOf(options.tag),
    ...(params !== undefined && { params: params as never }),
    ...(Object.keys(texts).length > 0 && { texts }),
    ...(priority !== undefined && { priority: priorityOf(priority) }),
    ...(at !== undefined && { startAt: timeOf('--at', at, { now: Date.now() }) }),
  }
  const { run, isNew } = await server.client.runs.launch({ body })
  return followed(server, run, isNew, options)
}

export function priorityOf(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text)
  throw new SluiceError('USAGE', `--priority takes a whole number, and got ${text}.`, {
    hint: 'Higher ones come first; those of the code are 0 where it says nothing.',
  })
}

/** A run that workers of a server execute: to its end, or with `--detach` no further. */
export async function followed(
  server: ServerOf,
  run: Run,
  isNew: boolean,
  options: Pick<Options, 'detach' | 'json' | 'server'>,
): Promise<number> {
  if (options.detach) {
    if (options.json) json(run)
    else {
      output.line(run.id)
      notes.line(`  ${notes.style.dim('next')}  sluice runs logs ${run.id} --follow${atServer(options.server)}`)
    }
    return exitCodes.ok
  }
  const project = findProject(process.cwd())
  const view = viewFor(options, project, { snapshot: undefined })
  const [{ follow }, { systemOfServer }] = await Promise.all([
    import('./follow/follow.ts'),
    import('../system/of-server.ts'),
  ])
  try {
    return await follow(systemOfServer(server, project), { run, isNew }, view)
  } finally {
    view.close()
  }
}
