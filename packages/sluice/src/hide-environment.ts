import { hideEnvironment } from './environment.ts'

// Imported before everything else: what is loaded before it is loaded twice.
hideEnvironment()
