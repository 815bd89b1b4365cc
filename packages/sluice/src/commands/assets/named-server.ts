import { SluiceError } from '@sluice/core'
import { findProject } from '../../project/project.ts'
import { serverFor } from '../../system/server-for.ts'
import { type System, type SystemOptions } from '../../system/system.ts'

/**
 * The server whose assets are meant: one that is named. One that only runs on this project knows nothing that its code
 * and its store do not say.
 *
 * @throws SluiceError USAGE for a file and a server at once.
 */
export async function namedServer(file: string | undefined, options: SystemOptions): Promise<System | null> {
  if (file !== undefined && options.server !== undefined)
    throw new SluiceError('USAGE', `${file} is of this machine, and --server names another place.`, {
      hint: 'Leave one of them out.',
    })
  if (file !== undefined || (options.server ?? process.env['SLUICE_SERVER']) === undefined) return null
  const project = findProject(process.cwd())
  const { systemOfServer } = await import('../../system/of-server.ts')
  return systemOfServer((await serverFor(project, options))!, project)
}
