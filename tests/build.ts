import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Builds the packages and the app before any test, and again where files are watched: tests that start Sluice as a process
 * start what people install, which is also there in half the time.
 */
export async function setup(project: TestProject): Promise<void> {
  await build()
  project.onTestsRerun(build)
}

async function build(): Promise<void> {
  const run = promisify(execFile)
  await Promise.all([
    run(process.execPath, ['bundle.ts'], { cwd: root }),
    run('npm', ['run', '--silent', 'build', '--workspace', 'packages/ui'], { cwd: root }),
  ])
}
