import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { create, replace } from 'tar'
import type { Source } from '../pool/code.ts'
import { baseOf, bundleFiles } from './bundle-files.ts'

/** What a bundle says of itself, in `sluice-bundle.json` at its top. */
export interface Manifest {
  readonly location: string
  /** The project's folder in the bundle; empty where it is the bundle's own. */
  readonly root: string
  /** Relative to the project's folder. */
  readonly entries: readonly string[]
  /** `sluice.config.ts` relative to the project's folder; `null` for none. */
  readonly config: string | null
}

export const manifestName = 'sluice-bundle.json'

export interface Bundle {
  /** SHA-256 of its bytes, in hex: the same files give the same bundle. */
  readonly hash: string
  readonly bytes: Buffer
  readonly files: number
}

/**
 * Packs the project that code is loaded from: its source and its lockfile, without dependencies.
 *
 * @throws SluiceError REQUEST_TOO_LARGE.
 */
export async function packBundle(source: Pick<Source, 'name' | 'root' | 'entries' | 'config'>): Promise<Bundle> {
  const { root } = source
  const base = baseOf(root)
  const files = await bundleFiles(base)
  const inside = (from: string, path: string): string => relative(from, path).split(sep).join('/')
  const manifest: Manifest = {
    location: source.name,
    root: inside(base, root),
    entries: source.entries.map((entry) => inside(root, entry)),
    config: source.config === null ? null : inside(root, source.config),
  }
  const scratch = await mkdtemp(join(tmpdir(), 'sluice-bundle-'))
  try {
    await writeFile(join(scratch, manifestName), JSON.stringify(manifest, null, 2))
    // Owners, times and the system it was packed on stay out: the hash is of the files alone.
    const archive = { file: join(scratch, 'bundle.tar'), portable: true, noMtime: true, noDirRecurse: true } as const
    await create({ ...archive, cwd: base }, [...files])
    await replace({ ...archive, cwd: scratch }, [manifestName])
    const bytes = gzipSync(await readFile(archive.file))
    return { hash: createHash('sha256').update(bytes).digest('hex'), bytes, files: files.length }
  } finally {
    await rm(scratch, { recursive: true })
  }
}
