import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RealProject, realProject, steady } from '../../fixtures/real-project.ts'

// What a person sees who makes one of the usual mistakes: first what happened, second where in their own code, last
// what to do next.
let project: RealProject

beforeAll(
  async () => void (project = await realProject(fileURLToPath(new URL('../../fixtures/mistakes', import.meta.url)))),
)
afterAll(() => project.remove())

interface Mistake {
  readonly args: readonly string[]
  readonly exitCode: number
  /** In the first line. */
  readonly code: string
  /** In the second line; none where no code was read. */
  readonly place: string | undefined
  readonly env?: Readonly<Record<string, string>>
}

const mistakes: Readonly<Record<string, Mistake>> = {
  'code that throws when it is loaded': {
    args: ['run', 'throws.ts'],
    exitCode: 3,
    code: 'LOAD_FAILED',
    place: 'throws.ts:4',
  },
  'code that never finishes loading': {
    args: ['run', 'loops.ts'],
    exitCode: 3,
    code: 'LOAD_TIMEOUT',
    place: 'loops.ts:4',
    env: { SLUICE_LOAD_TIMEOUT: '8000' },
  },
  'a flow that is launched when it is loaded': {
    args: ['run', 'launches.ts'],
    exitCode: 3,
    code: 'CALLED_WHILE_LOADING',
    place: 'launches.ts:5',
  },
  'a script that exports nothing': {
    args: ['run', 'untracked.ts'],
    exitCode: 3,
    code: 'LOAD_EMPTY',
    place: 'untracked.ts:7',
  },
  'a param that there is not': {
    args: ['run', 'params.ts', '--param', 'region=eu', '--param', 'pagse=2'],
    exitCode: 2,
    code: 'PARAMS_UNKNOWN',
    place: 'params.ts:4',
  },
  'a param of another type': {
    args: ['run', 'params.ts', '--param', 'region=eu', '--param', 'pages=many'],
    exitCode: 2,
    code: 'PARAMS_INVALID',
    place: 'params.ts:4',
  },
  'two assets of one name': {
    args: ['run', 'duplicate.ts'],
    exitCode: 3,
    code: 'DEFINITION_DUPLICATE',
    place: 'duplicate.ts:5',
  },
  'assets in a circle': { args: ['run', 'cycle.ts'], exitCode: 3, code: 'ASSET_CYCLE', place: 'cycle.ts:' },
  'an asset that there is not': {
    args: ['materialize', 'custmers', 'assets.ts'],
    exitCode: 2,
    code: 'ASSET_UNKNOWN',
    place: 'assets.ts:4',
  },
  'a result that cannot be stored': {
    args: ['run', 'unstorable.ts'],
    exitCode: 1,
    code: 'RESULT_NOT_STORABLE',
    place: 'unstorable.ts:9',
  },
  'a resource without its configuration': {
    args: ['run', 'resource.ts'],
    exitCode: 3,
    code: 'RESOURCE_MISSING',
    place: 'resource.ts:4',
  },
  'a variable that is not set': {
    args: ['run', 'variable.ts'],
    exitCode: 3,
    code: 'ENV_MISSING',
    place: 'variable.ts:3',
  },
  'a partition that is not said': {
    args: ['materialize', 'orders', 'assets.ts'],
    exitCode: 2,
    code: 'PARTITION_REQUIRED',
    place: 'assets.ts:3',
  },
  'a partition that there is not': {
    args: ['materialize', 'orders', 'assets.ts', '--partition', '2026-02-01'],
    exitCode: 2,
    code: 'PARTITION_UNKNOWN',
    place: 'assets.ts:3',
  },
  'a file that there is not': {
    args: ['run', 'throw.ts'],
    exitCode: 3,
    code: 'LOAD_NOT_FOUND',
    place: undefined,
  },
  'a file with several flows': { args: ['run', 'several.ts'], exitCode: 2, code: 'USAGE', place: 'several.ts:3' },
}

test.each(Object.entries(mistakes))('%s', async (_, { args, exitCode, code, place, env = {} }) => {
  const ended = await project.sluice(args, { env })
  expect({ exitCode: ended.exitCode, stdout: ended.stdout }).toEqual({ exitCode, stdout: '' })
  const said = steady(ended.stderr, project.folder).trimEnd().split('\n')
  // On a busy machine anything is slow to load.
  const lines = said.filter((line) => !line.endsWith(' is still loading.'))
  const from = lines.findIndex((line) => /^✗ [A-Z]+(?:_[A-Z]+)* /.test(line))
  expect(lines[from]).toContain(code)
  if (place !== undefined) expect(lines[from + 1]).toContain(`at ${place}`)
  expect(lines.at(-1)).toMatch(/\bsluice (?:run|runs|materialize|validate|assets) /)
  expect(lines.join('\n')).toMatchSnapshot()
})

test('a script that exports nothing is not executed by looking at it', () => {
  expect(existsSync(join(project.folder, 'executed'))).toBe(false)
})
