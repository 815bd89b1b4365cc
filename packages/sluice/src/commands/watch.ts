import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { notes } from '../terminal/terminal.ts'
import { failed } from './failure.ts'
import type { Location } from './supervise/location.ts'

/** Editors write a file in several steps: changes this close together are one. */
const SETTLE = 150

/** Runs now, and again whenever a file below the folders of the code changes, until Ctrl-C while nothing runs. */
export async function whenever({ project, entries }: Location, once: () => Promise<number>): Promise<number> {
  const { style } = notes
  for (;;) {
    const change = nextChange([project.root, ...entries.map((entry) => dirname(entry))], project.home)
    const exitCode = await once().catch((error: unknown) => failed(error))
    notes.line(style.dim(`Watching ${project.root} for changes. Ctrl-C ends it.`))
    const stop = Promise.withResolvers<'stop'>()
    const hear = (): void => stop.resolve('stop')
    process.on('SIGINT', hear)
    const what = await Promise.race([change.happened, stop.promise])
    process.off('SIGINT', hear)
    change.close()
    if (what === 'stop') return exitCode
    notes.line(style.dim(`\n${what} changed.`))
  }
}

function nextChange(folders: readonly string[], home: string): { readonly happened: Promise<string>; close(): void } {
  const { promise, resolve } = Promise.withResolvers<string>()
  let timer: NodeJS.Timeout | undefined
  const seen = (name: string | null): void => {
    if (
      name === null ||
      /(?:^|[\\/])(?:node_modules|\.git|\.sluice)(?:[\\/]|$)/.test(name) ||
      !/\.[cm]?[jt]sx?$|\.json$|\.sql$/.test(name)
    )
      return
    clearTimeout(timer)
    timer = setTimeout(() => resolve(name), SETTLE)
  }
  const watchers: FSWatcher[] = [...new Set(folders)]
    .filter((folder) => folder !== home)
    .map((folder) => watch(folder, { recursive: true }, (_, name) => seen(name)))
  return {
    happened: promise,
    close() {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    },
  }
}
