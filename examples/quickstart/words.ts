import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { flow, log, task } from 'sluice'
import { z } from 'zod'

// Three plain functions: a script as it was before. Wrapped in `task`, their calls are tracked, retried and resumed.
const list = task('list', async (folder: string) => {
  const names = await readdir(folder)
  return names.filter((name) => name.endsWith('.txt')).sort()
})

const count = task('count', { retries: 2 }, async (name: string, folder: string) => {
  const words: Record<string, number> = {}
  const text = await readFile(join(folder, name), 'utf8')
  for (const [word] of text.toLowerCase().matchAll(/\p{L}{4,}/gu)) words[word] = (words[word] ?? 0) + 1
  return words
})

const top = task('top', (counts: Record<string, number>[], size: number) => {
  const total = new Map<string, number>()
  for (const words of counts) for (const [word, n] of Object.entries(words)) total.set(word, (total.get(word) ?? 0) + n)
  return [...total].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)).slice(0, size)
})

const Params = z.object({ folder: z.string().default(join(import.meta.dirname, 'texts')), size: z.number().default(5) })

// The flow is the script's main function, with params. Its result, and every step, is in the journal.
export const words = flow('words', { params: Params }, async ({ folder, size }) => {
  const names = await list(folder)
  const counts = await count.map(names, { rest: [folder], concurrency: 4 })
  log.info('counted', { files: names.length })
  return top(counts, size)
})

if (import.meta.main) console.table(await words())
