import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../../../..')
const place = join(root, '.docs-check', 'mistakes')
const files = ['programs', 'holes'] as const
const mark = /^(\s*)\/\/ @ts-expect-error (.*)$/

interface Complaint {
  readonly file: string
  readonly line: number
  readonly message: string
}

/** What the compiler says where nothing tells it to expect an error. */
let complaints: readonly Complaint[]

beforeAll(() => {
  mkdirSync(place, { recursive: true })
  for (const file of files) {
    const text = readFileSync(join(here, `${file}.test-d.ts`), 'utf8')
    writeFileSync(
      join(place, `${file}.ts`),
      text
        .split('\n')
        .map((line) => line.replace(mark, '$1// $2'))
        .join('\n'),
    )
  }
  writeFileSync(
    join(place, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.base.json', include: ['*.ts'] }),
  )
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', place, '--pretty', 'false'], {
    encoding: 'utf8',
    cwd: place,
  })
  complaints = read(stdout)
})
afterAll(() => rmSync(place, { recursive: true }))

/** A complaint begins at its file and line; indented lines go on with it. */
function read(output: string): Complaint[] {
  const found: Complaint[] = []
  for (const line of output.split('\n')) {
    const start = /^(\w+)\.ts\((\d+),\d+\): error TS\d+: (.*)$/.exec(line)
    if (start) found.push({ file: start[1]!, line: Number(start[2]), message: start[3]! })
    else if (line.startsWith(' ') && found.length > 0) {
      const last = found.pop()!
      found.push({ ...last, message: `${last.message}\n${line}` })
    }
  }
  return found
}

function mistakesIn(file: string): { line: number; what: string }[] {
  const lines = readFileSync(join(here, `${file}.test-d.ts`), 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    const found = mark.exec(line)
    return found ? [{ line: index + 2, what: found[2]! }] : []
  })
}

describe.each(files)('the mistakes in %s', (file) => {
  test('are all of the errors, one at each mark', () => {
    const lines = new Set(complaints.filter((one) => one.file === file).map(({ line }) => line))
    expect([...lines].toSorted((a, b) => a - b)).toEqual(mistakesIn(file).map(({ line }) => line))
  })

  test('read like this', () => {
    const told = mistakesIn(file).map(({ line, what }) => {
      const messages = complaints.filter((one) => one.file === file && one.line === line).map(({ message }) => message)
      return `# ${what}\n${messages.join('\n')}`
    })
    expect(told.join('\n\n')).toMatchSnapshot()
  })
})
