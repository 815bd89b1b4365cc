import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Stands for .ci/postgres, which needs Debian's packages. */
const postgres = `#!/bin/bash
[ "$1" = stop ] && exit
[ "$BROKEN" != postgres ] || exit 1
mkdir -p "$2" && echo postgres://there >"$2/url"
`

/** Stands for what writes a report of tests: where to, and of one file with its cases. */
const reports = `#!/bin/bash
for word in "$@"; do case "$word" in --outputFile.json=*) out=\${word#*=} ;; esac; done
good='{"status":"passed"}' bad='{"status":"failed"}'
report() { echo '{"testResults":[{"name":"'$PWD'/one.test.ts","status":"'$1'","assertionResults":['$2']}]}'; }
`

/** Stands for npm: every part goes well, except the one that BROKEN names. */
const npm = `${reports}
case "$*" in
  *coverage*)
    case "$BROKEN" in
      test | unsteady) report failed "$good,$bad" >"$out"; exit 1 ;;
      skipped) report passed "$good,{\\"status\\":\\"skipped\\"}" >"$out" ;;
      unloaded) report failed '' >"$out"; exit 1 ;;
      threshold) report passed "$good,$good" >"$out"; exit 1 ;;
      *) report passed "$good,$good" >"$out" ;;
    esac ;;
  *bench*)
    [ "$BROKEN" != bench ] || { echo 'no figures'; exit 0; }
    [[ "$BROKEN" != unnamed || $5 != list ]] || { echo '{"bench":"list","results":[]}'; exit 0; }
    echo '{"bench":"'$5'","results":[{"name":"one","value":1,"unit":"steps/s"}]}' ;;
  *chaos*)
    case "$BROKEN" in
      chaos) echo '3 passed, 2 failed'; exit 1 ;;
      silent) exit 0 ;;
      *) echo '5 passed, 0 failed' ;;
    esac ;;
  *) [ -z "$BROKEN" ] || [[ "$*" != *"$BROKEN"* ]] ;;
esac
`

/** Stands for a second try of files in which tests failed: it goes well where the first was unsteady. */
const npx = `${reports}
[ "$1" = vitest ] || exec "$@"
[[ "$*" == *"run one.test.ts "* ]] || exit 2
case "$BROKEN" in
  unsteady) report passed "$good,$good" >"$out"; exit 0 ;;
  unloaded) report failed '' >"$out"; exit 1 ;;
  *) report failed "$good,$bad" >"$out"; exit 1 ;;
esac
`

describe('.ci/run', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-ci-'))
    for (const name of ['.ci', 'node_modules', 'bin']) mkdirSync(join(folder, name))
    for (const name of ['.ci/run', '.ci/tests.mjs']) copyFileSync(join(root, name), join(folder, name))
    writeFileSync(join(folder, '.ci/postgres'), postgres)
    writeFileSync(join(folder, 'bin/npm'), npm)
    writeFileSync(join(folder, 'bin/npx'), npx)
    for (const name of ['npm', 'npx']) chmodSync(join(folder, 'bin', name), 0o755)
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  function runAll(broken: string): { status: number | null; last: string | undefined } {
    const { status, stdout } = run(broken)
    return { status, last: stdout.trimEnd().split('\n').at(-1) }
  }

  function run(broken: string) {
    const PATH = `${join(folder, 'bin')}:${dirname(process.execPath)}:${process.env['PATH']}`
    const env = { PATH, BROKEN: broken, CI: broken === 'ci' ? 'true' : '' }
    return spawnSync('bash', [join(folder, '.ci/run')], { env, encoding: 'utf8' })
  }

  test('counts checks and tests together', () => {
    // seven checks (format, lint, types, dead, postgres, demo, bench), two tests, five rounds of chaos
    expect(runAll('')).toEqual({ status: 0, last: '14 passed, 0 failed' })
  })

  test('names what passes only when tried again', () => {
    const { status, stdout } = run('unsteady')
    expect(status).toBe(0)
    expect(stdout).toContain('passed only when tried again: one.test.ts')
    expect(stdout).toMatch(/\n14 passed, 0 failed\n$/)
  })

  test.each([
    ['ci', '0 passed, 1 failed'],
    ['format', '13 passed, 1 failed'],
    ['lint', '13 passed, 1 failed'],
    ['types', '13 passed, 1 failed'],
    ['dead', '13 passed, 1 failed'],
    ['postgres', '13 passed, 1 failed'],
    ['demo', '13 passed, 1 failed'],
    ['test', '13 passed, 1 failed'],
    ['skipped', '13 passed, 1 failed'],
    ['unloaded', '12 passed, 1 failed'],
    ['threshold', '14 passed, 1 failed'],
    ['bench', '13 passed, 1 failed'],
    ['unnamed', '13 passed, 1 failed'],
    ['chaos', '12 passed, 2 failed'],
    ['silent', '9 passed, 1 failed'],
  ])('fails where %s does', (broken, last) => {
    expect(runAll(broken)).toEqual({ status: 1, last })
  })
})
