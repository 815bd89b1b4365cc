import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import type { Project } from '../../project/project.ts'

/** Editors write a file in several steps: changes this close together are one. */
const settle = 40

/**
 * Loads code again when a file of the project was saved; one load at a time, and once more where more was saved
 * meanwhile. A load begins with the first change, and reads files when they have `settled`.
 */
export function watchCode(
  { root, home }: Project,
  entries: readonly string[],
  load: (settled: Promise<void>) => Promise<unknown>,
): () => void {
  let timer: NodeJS.Timeout | undefined
  let settling: (() => void) | null = null
  let loading = false
  let again = false
  const wait = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      settling?.()
      settling = null
    }, settle)
  }
  const reload = async (): Promise<void> => {
    loading = true
    const settled = Promise.withResolvers<void>()
    settling = settled.resolve
    wait()
    await load(settled.promise)
    loading = false
    if (again) {
      again = false
      void reload()
    }
  }
  const seen = (name: string | null): void => {
    if (name === null || /(?:^|[\\/])(?:node_modules|\.git|\.sluice|dist)(?:[\\/]|$)/.test(name)) return
    if (!/\.[cm]?[jt]sx?$|\.json$|\.sql$|\.env$/.test(name)) return
    if (settling) wait()
    else if (loading) again = true
    else void reload()
  }
  const folders = new Set([root, ...entries.map((entry) => dirname(entry))])
  folders.delete(home)
  const watchers: FSWatcher[] = [...folders].map((folder) =>
    watch(folder, { recursive: true }, (_, name) => seen(name)),
  )
  return () => {
    clearTimeout(timer)
    for (const one of watchers) one.close()
  }
}
