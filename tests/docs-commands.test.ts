import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../packages/sluice/bin/sluice.js', import.meta.url))
const page = readFileSync(new URL('../docs/commands.md', import.meta.url), 'utf8')

/** The help of every command that does something, by its full name. */
const helps = new Map<string, string>()

async function read(words: readonly string[]): Promise<void> {
  const args = [main, ...words, '--help']
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '200' },
  })
  const listed = /^Commands:\n((?: .*\n)+)/m.exec(stdout)?.[1] ?? ''
  const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name!).filter((name) => name !== 'help')
  if (names.length === 0) helps.set(['sluice', ...words].join(' '), stdout)
  await Promise.all(names.map((name) => read([...words, name])))
}

const flagsIn = (text: string): string[] =>
  [...new Set(text.match(/--[a-z]+/g))].filter((flag) => flag !== '--help').sort()

function optionsOf(help: string): string[] {
  const options = /^Options:\n((?: .*\n)+)/m.exec(help)?.[1] ?? ''
  return flagsIn((options.match(/^ {2}(?:-\w, )?--[a-z]+/gm) ?? []).join('\n'))
}

const sections = new Map(
  page
    .split(/^#{2,3} /m)
    .map((section) => [section.split('\n', 1)[0]!, section.replaceAll(/^```[\s\S]*?^```$/gm, '')] as const),
)

beforeAll(() => read([]), 400_000)

test('docs/commands.md has a section for each command, and none for another', () => {
  const documented = [...sections.keys()].filter((title) => title.startsWith('sluice '))
  expect(documented.sort()).toEqual([...helps.keys()].sort())
})

test('each section has the options of its command, and no other', () => {
  const documented = Object.fromEntries([...helps.keys()].map((name) => [name, flagsIn(sections.get(name) ?? '')]))
  expect(documented).toEqual(Object.fromEntries([...helps].map(([name, help]) => [name, optionsOf(help)])))
})

test('exit codes are those that the command tells', () => {
  const told = [
    .../^Exit codes:\n((?: .*(?:\n|$))+)/m.exec(helps.get('sluice run')!)![1]!.matchAll(/^ +(\d+) +(.+)$/gm),
  ]
  const documented = [...sections.get('Exit codes')!.matchAll(/^\| (\d+) \| (.+) \|$/gm)]
  const pair = ([, code, meaning]: RegExpMatchArray): readonly unknown[] => [code, meaning]
  expect(documented.map(pair)).toEqual(told.map(pair))
})
