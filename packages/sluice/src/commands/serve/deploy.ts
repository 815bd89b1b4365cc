import { loadCode, packBundle } from '@sluice/worker'
import { environmentOf } from '../options.ts'
import { locate } from '../supervise/location.ts'
import { connectServer } from '../../system/server-for.ts'
import { sourceOf } from './worker.ts'

export interface DeployOptions {
  readonly server?: string
  readonly env?: string
  readonly activate: boolean
  readonly bundle: boolean
  readonly json?: boolean
}

/** Bytes of a piece; as base64 below what a request may have. */
const pieceSize = 600 * 1024

/** `sluice deploy`: makes the code that is here a version that the server knows, and, unless told otherwise, the active one. */
export async function deploy(file: string | undefined, options: DeployOptions): Promise<number> {
  const client = await connectServer(options.server)
  await client.server.health()
  const source = sourceOf(locate(file), environmentOf(options), 'store')
  const say = (text: string): void => void (options.json || process.stderr.write(`${text}\n`))
  // What is set where it is deployed from says nothing of where it runs.
  const code = await loadCode(source, { print: (text) => process.stderr.write(text), lenient: true })
  await code.close()
  const { location, version, snapshot: definitions, entries, git, parts } = code.offer
  const bundle = options.bundle ? await packBundle(source) : null
  if (bundle) {
    const pieces = Math.ceil(bundle.bytes.length / pieceSize)
    const there = await client.bundles.get({ bundle: bundle.hash, piece: pieces - 1 })
    for (let piece = 0; there.base64 === null && piece < pieces; piece++) {
      const base64 = bundle.bytes.subarray(piece * pieceSize, (piece + 1) * pieceSize).toString('base64')
      await client.bundles.put({ bundle: bundle.hash, piece, body: { base64 } })
    }
    say(`Uploaded ${bundle.files} files, ${Math.ceil(bundle.bytes.length / 1024)} KB.`)
  }
  const body = {
    version,
    definitions,
    entries: [...entries],
    git,
    ...(parts && { parts }),
    bundle: bundle?.hash ?? null,
  }
  await client.locations.register({ location, body })
  if (options.activate) await client.locations.activate({ location, body: { version } })
  const at = git ? ` · commit ${git.commit.slice(0, 8)}${git.dirty ? ', with changes that are not committed' : ''}` : ''
  if (options.json) {
    const { hash = null } = bundle ?? {}
    process.stdout.write(`${JSON.stringify({ location, version, active: options.activate, bundle: hash, git })}\n`)
  } else {
    say(
      `${location} ${version.slice(0, 12)}${at}: ${options.activate ? 'new runs use it from now on.' : 'known, not active.'}`,
    )
    if (!options.activate)
      say(`  → sluice locations activate ${location} ${version.slice(0, 12)} lets new runs use it.`)
  }
  return 0
}
