import { type ChildProcess, spawn } from 'node:child_process'
import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A copy of an example without what earlier runs of it left. */
async function copyOf(example: string): Promise<string> {
  const place = join(root, '.docs-check/examples', example)
  await rm(place, { recursive: true, force: true })
  const left = /[\\/](\.sluice|node_modules|pages\.log)$/
  await cp(join(root, 'examples', example), place, { recursive: true, filter: (path) => !left.test(path) })
  return place
}

interface Started {
  readonly child: ChildProcess
  /** What it has printed so far, on both streams. */
  readonly said: () => string
  readonly ended: Promise<number | null>
}

function start(
  cwd: string,
  args: readonly string[],
  onText: (child: ChildProcess, said: string) => void = () => {},
): Started {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1' },
  })
  let said = ''
  const hear = (data: Buffer): void => {
    said += data.toString()
    onText(child, said)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  return { child, said: () => said, ended: new Promise((resolve) => child.on('close', resolve)) }
}

test('quickstart: as a script, and by the command', async () => {
  const place = await copyOf('quickstart')
  const script = start(place, ['words.ts'])
  expect({ code: await script.ended, said: script.said() }).toEqual({
    code: 0,
    said: expect.stringContaining('words succeeded'),
  })
  const command = start(place, [join(root, 'packages/sluice/bin/sluice.js'), 'run', 'words.ts', '--param', 'size=1'])
  expect({ code: await command.ended, said: command.said() }).toEqual({
    code: 0,
    said: expect.stringContaining('words succeeded'),
  })
})

test('resume: killed in the middle it goes on, and repeats only what was in flight', async () => {
  const place = await copyOf('resume')
  const first = start(
    place,
    ['crawl.ts'],
    (child, said) => void (said.includes('page 6 of 20') && child.kill('SIGKILL')),
  )
  await first.ended
  expect(first.child.signalCode).toBe('SIGKILL')
  const second = start(place, ['crawl.ts'])
  expect({ code: await second.ended, said: second.said() }).toEqual({
    code: 0,
    said: expect.stringContaining('pages: 20'),
  })
  const ran = (await readFile(join(place, 'pages.log'), 'utf8')).trim().split('\n')
  expect(new Set(ran).size).toBe(20)
  // Two pages are fetched at a time, so no more than two can have been at work when it was killed.
  expect(ran.filter((line, index) => ran.indexOf(line) !== index).length).toBeLessThanOrEqual(2)
})
