/** The web app as files: the only thing of this package that runs on Node. */
export { appFolder } from './app-folder.ts'
