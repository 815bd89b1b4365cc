import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Project } from '../project/project.ts'
import { type StorePlace, placeOfStore } from '../project/store-place.ts'

/** What a server leaves beside the store, so that commands find it. */
interface Notice {
  readonly url: string
  /** Which store it serves. */
  readonly store: string
  /** Whose lock says that it lives. */
  readonly owner: string
}

const noticePath = (home: string): string => join(home, 'server.json')
const textOf = (place: StorePlace): string => (place.kind === 'file' ? place.path : place.shown)

/** Tells commands in this project that a server serves its store; gives back what ends that. */
export async function announce(home: string, url: string, store: StorePlace): Promise<() => void> {
  const { holdOwner } = await import('@sluice/storage')
  const owner = holdOwner(home)
  const notice: Notice = { url, store: textOf(store), owner: owner.id }
  const path = noticePath(home)
  // Never half of it.
  writeFileSync(`${path}.${owner.id}`, JSON.stringify(notice))
  renameSync(`${path}.${owner.id}`, path)
  return () => {
    // Another server may have come after it.
    if (readNotice(home)?.owner === owner.id) rmSync(path, { force: true })
    owner.release()
  }
}

/** The address of the server that runs on the store which this project has now; `null` where none does. */
export async function runningServer(project: Project): Promise<string | null> {
  const notice = readNotice(project.home)
  if (!notice || textOf(await placeOfStore(project)) !== notice.store) return null
  const { ownerIsAlive } = await import('@sluice/storage')
  return ownerIsAlive(project.home, notice.owner) ? notice.url : null
}

function readNotice(home: string): Notice | null {
  const path = noticePath(home)
  if (!existsSync(path)) return null
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Notice
  } catch {
    return null // it was removed meanwhile
  }
}
