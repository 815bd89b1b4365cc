import { type Json, SluiceError } from '@sluice/core'
import { type DefinitionVersion, definitionHistory, locationOfAsset } from '@sluice/engine'
import { findProject } from '../../project/project.ts'
import { serverFor } from '../../system/server-for.ts'
import type { SystemOptions } from '../../system/system.ts'
import { cutTo, oneLine } from '../../terminal/style.ts'
import { json, output } from '../../terminal/terminal.ts'
import { localTime } from '../../terminal/times.ts'
import { wholeNumber } from '../options.ts'
import { withStore } from '../with-store.ts'

export interface DefinitionOptions extends SystemOptions {
  readonly location?: string
  readonly limit: string
  readonly json?: boolean
}

/** `sluice assets history`: how the definition of an asset changed, from the versions of the code that are stored. */
export async function showDefinitions(asset: string, options: DefinitionOptions): Promise<void> {
  const limit = wholeNumber('--limit', options.limit)
  const versions = await collected(asset, options, limit)
  if (options.json) {
    for (const one of versions) json(one)
    return
  }
  if (versions.length === 0)
    throw new SluiceError('ASSET_UNKNOWN', `No stored version of the code has an asset "${asset}".`, {
      hint: 'sluice assets list shows all. A server keeps the versions of its code; a file that is run by itself has none.',
    })
  for (const line of versions.flatMap(linesOf)) output.line(line)
}

type Page = { readonly versions: readonly DefinitionVersion[]; readonly next: unknown }

async function collected(asset: string, options: DefinitionOptions, limit: number): Promise<DefinitionVersion[]> {
  const server = await serverFor(findProject(process.cwd()), options)
  if (server) {
    const { pages } = await import('@sluice/api/client')
    const given = options.location === undefined ? {} : { location: options.location }
    return gather(pages(server.client.assets.definitions, { asset, ...given, limit: 100 }), limit)
  }
  return withStore(async (store) => {
    const location = options.location ?? (await locationOfAsset(store, asset))
    async function* stored(): AsyncGenerator<Page> {
      for (let before: Parameters<typeof definitionHistory>[1]['before']; ;) {
        const page = await definitionHistory(store, { location, asset, before, limit: 100 })
        yield page
        if (!page.next) return
        before = page.next
      }
    }
    return gather(stored(), limit)
  })
}

async function gather(pages: AsyncIterable<Page>, limit: number): Promise<DefinitionVersion[]> {
  const found: DefinitionVersion[] = []
  for await (const { versions } of pages) {
    found.push(...versions)
    if (found.length >= limit) break
  }
  return found.slice(0, limit)
}

function linesOf({ version, createdAt, git, what, changes }: DefinitionVersion): string[] {
  const { style } = output
  const from = git ? `${git.commit.slice(0, 12)}${git.message === null ? '' : ` ${git.message}`}` : ''
  const head = `${localTime(createdAt)}  ${style.bold(what)}  ${style.dim(`${version.slice(0, 12)}${from === '' ? '' : `  ${oneLine(from)}`}`)}`
  return [
    head,
    ...changes.map((one) => `  ${one.field}: ${valueOf(one.before)} ${style.dim('→')} ${valueOf(one.after)}`),
  ]
}

const valueOf = (value: Json): string => {
  if (value === null) return output.style.dim('none')
  return cutTo(oneLine(typeof value === 'string' ? value : JSON.stringify(value)), 120)
}
