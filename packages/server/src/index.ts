/** The side of Sluice that decides. */
export { type Server, type ServerOptions, openServer, workersPath } from './server.ts'
export { type Conditions, openConditions } from './conditions/condition-pass.ts'
