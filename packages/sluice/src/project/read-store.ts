import { findProject, loadSettings } from './project.ts'

// A process that loads the configuration of the project that it is started in, and says where the store is.
try {
  const { store } = await loadSettings(findProject(process.cwd()), process.argv[2]!)
  process.send!({ store })
} catch (error) {
  process.send!({ failed: (error as Error).message })
}
