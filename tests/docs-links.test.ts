import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const places = ['*.md', 'docs/**/*.md', '{packages,integrations,examples,bench}/*/README.md', 'decisions/*.md']
const pages = globSync(places, { cwd: root })

/** As hosts make them: lower case, words joined by hyphens, other signs left out. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const read = (path: string): string => readFileSync(join(root, path), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '')

test('every link between pages leads somewhere', () => {
  const dead: string[] = []
  for (const page of pages) {
    for (const [, target] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue
      const [file = '', anchor] = target!.split('#')
      const path = file === '' ? page : relative(root, join(root, dirname(page), file))
      const found = existsSync(join(root, path))
      const anchors =
        found && anchor !== undefined
          ? [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!))
          : []
      if (!found || (anchor !== undefined && !anchors.includes(anchor))) dead.push(`${page}: ${target}`)
    }
  }
  expect(dead).toEqual([])
})

test('the index has every page', () => {
  const index = read('docs/README.md')
  const missing = globSync('docs/*.md', { cwd: root }).filter(
    (path) => path !== 'docs/README.md' && !index.includes(`](${path.slice(5)})`),
  )
  expect(missing).toEqual([])
})
