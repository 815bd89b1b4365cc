import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Page } from './blocks.ts'

/** What the type-checker says about a block, at its line in the page. */
export interface Complaint {
  readonly page: string
  readonly line: number
  readonly message: string
}

const config = {
  extends: '../../tsconfig.base.json',
  // An example may declare what the reader is to use.
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
  include: ['**/*.ts'],
}

/**
 * Type-checks every block of all pages in one run of the compiler, with the flags of our own source. The named files of
 * a page lie side by side; a name that comes again on the page replaces the file for what follows.
 *
 * @param place a folder two levels below the repository's root, so that packages are found from it; it is emptied
 */
export function checkTypes(root: string, place: string, pages: readonly Page[]): Complaint[] {
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(config))
  const origins = new Map<string, { page: string; line: number }>()
  for (const page of pages) unpack(page, place, origins)
  if (origins.size === 0) return []
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', place, '--pretty', 'false']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: place })
  const complaints = new Map<string, Complaint>()
  for (const line of stdout.split('\n')) {
    const match = /^(.+?)\((\d+),\d+\): error (.*)$/.exec(line)
    const origin = match && origins.get(relative(place, join(place, match[1]!)))
    if (!match || !origin) continue
    const complaint = { page: origin.page, line: origin.line + Number(match[2]) - 1, message: match[3]! }
    complaints.set(JSON.stringify(complaint), complaint)
  }
  if (status !== 0 && complaints.size === 0) throw new Error(`The type-checker failed: ${stdout}${stderr}`)
  return [...complaints.values()]
}

function unpack(page: Page, place: string, origins: Map<string, { page: string; line: number }>): void {
  const blocks = page.blocks.filter(({ language }) => language === 'ts')
  const folder = page.path.replace(/\.md$/, '').replaceAll('/', '_')
  let chapter = 0
  let named = new Map<string, (typeof blocks)[number]>()
  const write = (name: string, block: (typeof blocks)[number]) => {
    const path = join(`${folder}-${chapter}`, name)
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), block.code)
    origins.set(path, { page: page.path, line: block.line })
  }
  for (const block of blocks) {
    if (block.file !== null) {
      if (named.has(block.file)) {
        chapter += 1
        named = new Map(named)
        for (const [name, earlier] of named) write(name, earlier)
      }
      named.set(block.file, block)
    }
    write(block.file ?? `line-${block.line}.ts`, block)
  }
}
