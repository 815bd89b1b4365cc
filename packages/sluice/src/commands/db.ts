import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SluiceError } from '@sluice/core'
import { isPostgresUrl, shownUrl } from '@sluice/storage/address'
import { findProject, storePath } from '../project/project.ts'
import { placeOfStore, type StorePlace } from '../project/store-place.ts'
import { shownPlace } from '../terminal/error.ts'
import { json, output } from '../terminal/terminal.ts'
import { bytesText, countOf } from '../terminal/words.ts'
import { exitCodes } from './exit-codes.ts'

interface DbOptions {
  readonly json?: boolean
}

/** `sluice db backup [FILE]` */
export async function backupDb(file: string | undefined, options: DbOptions): Promise<void> {
  const { home } = findProject(process.cwd())
  await refuseDatabase('pg_dump --schema=sluice --format=custom --file=sluice.dump "$SLUICE_STORE"')
  const from = existing(home)
  const to = file === undefined ? join(home, 'backups', `${stamp()}.db`) : resolve(file)
  const { backup } = await import('@sluice/storage')
  await backup(from, to)
  const { size } = statSync(to)
  if (options.json) return json({ file: to, bytes: size })
  output.line(
    `${output.style.green('✓')} ${shownPlace(to)} (${bytesText(size)}) holds all runs and records as of now. Values of assets are no part of it.`,
  )
  output.line(`  ${output.style.dim('next')}  sluice db restore ${shownPlace(to)}`)
}

/** `sluice db restore FILE` */
export async function restoreDb(file: string, options: DbOptions): Promise<void> {
  const { home } = findProject(process.cwd())
  await refuseDatabase('pg_restore --clean --dbname="$SLUICE_STORE" sluice.dump')
  const from = resolve(file)
  if (!existsSync(from))
    throw new SluiceError('USAGE', `There is no file ${shownPlace(from)}.`, {
      hint: `Backups are in ${shownPlace(join(home, 'backups'))}, where nobody chose another place.`,
    })
  const { restore } = await import('@sluice/storage')
  await restore(from, storePath(home))
  if (options.json) return json({ restored: from })
  output.line(`${output.style.green('✓')} The store is what ${shownPlace(from)} held.`)
  output.line(`  ${output.style.dim('next')}  sluice runs list`)
}

/** `sluice db check` */
export async function checkDb(options: DbOptions): Promise<number> {
  const project = findProject(process.cwd())
  const place = await placeOfStore(project)
  const { found, shown, size } = place.kind === 'postgres' ? await checkShared(place) : await checkFile(project.home)
  if (options.json) json({ ok: found.length === 0, found })
  else if (found.length === 0) output.line(`${output.style.green('✓')} The store ${shown} is whole${size}.`)
  else {
    output.line(`${output.style.red('✗')} The store ${shown} has ${countOf(found.length, 'defect')}:`)
    for (const one of found) output.line(`  ${one}`)
    if (place.kind === 'file') output.line(`  ${output.style.dim('→')} sluice db restore FILE brings a backup back.`)
  }
  return found.length === 0 ? exitCodes.ok : exitCodes.store
}

async function checkShared({ url, shown }: Extract<StorePlace, { kind: 'postgres' }>) {
  const { checkPostgres } = await import('@sluice/storage/postgres')
  return { found: await checkPostgres(url), shown, size: '' }
}

async function checkFile(home: string) {
  const path = existing(home)
  const { check } = await import('@sluice/storage')
  return { found: check(path), shown: shownPlace(path), size: ` (${bytesText(statSync(path).size)})` }
}

/** `sluice db migrate`: opening a store brings its schema up to date; `--to` moves it to a database. */
export async function migrateDb({ to, ...options }: DbOptions & { readonly to?: string }): Promise<void> {
  const { home } = findProject(process.cwd())
  if (to !== undefined) return moveDb(home, to, options)
  const place = await placeOfStore(findProject(process.cwd()))
  if (place.kind === 'postgres') {
    const { openPostgres } = await import('@sluice/storage/postgres')
    await (await openPostgres(place.url)).close()
    if (options.json) return json({ store: place.shown })
    return output.line(
      `${output.style.green('✓')} The store ${place.shown} has the newest schema that this Sluice knows.`,
    )
  }
  const path = existing(home)
  const { openSqliteStore, schemaVersion } = await import('@sluice/storage')
  await (await openSqliteStore({ path })).close()
  if (options.json) return json({ version: schemaVersion })
  output.line(
    `${output.style.green('✓')} The store ${shownPlace(path)} has schema ${schemaVersion}, the newest that this Sluice knows.`,
  )
}

async function moveDb(home: string, to: string, options: DbOptions): Promise<void> {
  if (!isPostgresUrl(to))
    throw new SluiceError('USAGE', '--to takes the address of a PostgreSQL database.', {
      hint: 'sluice db migrate --to postgres://user:password@host/database',
    })
  const path = existing(home)
  const { moveToPostgres } = await import('@sluice/storage/postgres')
  const moved = await moveToPostgres(path, to)
  const rows = Object.values(moved).reduce((sum, count) => sum + count, 0)
  if (options.json) return json({ to: shownUrl(to), moved })
  const { style, line } = output
  line(`${style.green('✓')} ${shownUrl(to)} holds all of ${shownPlace(path)}: ${countOf(rows, 'row')}, counted there.`)
  for (const [table, count] of Object.entries(moved)) if (count > 0) line(`  ${table}  ${count}`)
  line(
    `  ${style.dim('next')}  Set SLUICE_STORE, or store in sluice.config.ts, to that address. The file is as it was.`,
  )
}

async function refuseDatabase(command: string): Promise<void> {
  const place = await placeOfStore(findProject(process.cwd()))
  if (place.kind === 'postgres')
    throw new SluiceError('USAGE', `The store is in PostgreSQL (${place.shown}), which has its own tools for that.`, {
      hint: command,
    })
}

function existing(home: string): string {
  const path = storePath(home)
  if (existsSync(path)) return path
  throw new SluiceError('USAGE', `There is no store at ${shownPlace(path)}.`, {
    hint: 'sluice run FILE makes one; SLUICE_HOME says where it is, if not there.',
  })
}

const stamp = (): string => Temporal.Now.plainDateTimeISO().toString({ smallestUnit: 'second' }).replaceAll(':', '-')
