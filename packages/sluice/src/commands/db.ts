import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SluiceError } from '@sluice/core'
import { findProject, storePath } from '../project/project.ts'
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
  const { home } = findProject(process.cwd())
  const path = existing(home)
  const { check } = await import('@sluice/storage')
  const found = check(path)
  if (options.json) json({ ok: found.length === 0, found })
  else if (found.length === 0)
    output.line(
      `${output.style.green('✓')} The store ${shownPlace(path)} is whole (${bytesText(statSync(path).size)}).`,
    )
  else {
    output.line(`${output.style.red('✗')} The store ${shownPlace(path)} has ${countOf(found.length, 'defect')}:`)
    for (const one of found) output.line(`  ${one}`)
    output.line(`  ${output.style.dim('→')} sluice db restore FILE brings a backup back.`)
  }
  return found.length === 0 ? exitCodes.ok : exitCodes.store
}

/** `sluice db migrate`: opening a store brings its schema up to date. */
export async function migrateDb(options: DbOptions): Promise<void> {
  const { home } = findProject(process.cwd())
  const path = existing(home)
  const { openSqliteStore, schemaVersion } = await import('@sluice/storage')
  await (await openSqliteStore({ path })).close()
  if (options.json) return json({ version: schemaVersion })
  output.line(
    `${output.style.green('✓')} The store ${shownPlace(path)} has schema ${schemaVersion}, the newest that this Sluice knows.`,
  )
}

function existing(home: string): string {
  const path = storePath(home)
  if (existsSync(path)) return path
  throw new SluiceError('USAGE', `There is no store at ${shownPlace(path)}.`, {
    hint: 'sluice run FILE makes one; SLUICE_HOME says where it is, if not there.',
  })
}

const stamp = (): string => Temporal.Now.plainDateTimeISO().toString({ smallestUnit: 'second' }).replaceAll(':', '-')
