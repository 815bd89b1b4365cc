import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { OfferedVersion } from '@sluice/api/workers'

const run = promisify(execFile)

/** The commit that a folder is at; `null` where git does not know it. */
export async function gitOf(folder: string): Promise<OfferedVersion['git']> {
  try {
    const { PATH, HOME } = process.env
    const options = { cwd: folder, timeout: 2000, env: { PATH, HOME } }
    const [log, status] = await Promise.all([
      run('git', ['log', '-1', '--format=%H%n%s'], options),
      run('git', ['status', '--porcelain', '--untracked-files=no', '--', '.'], options),
    ])
    const [commit = '', message = ''] = log.stdout.split('\n')
    return { commit, message, dirty: status.stdout !== '' }
  } catch {
    return null
  }
}
