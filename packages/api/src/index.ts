/** The contracts of the API: what a server implements. */
export * from './errors/problem.ts'
export { eventStream } from './events/routes.ts'
export * from './permissions.ts'
export type { BodyIn, BodyOf, ParamsOf, QueryIn, QueryOf, ResultOf, Route } from './route.ts'
export { type OpenApi, openApi } from './openapi.ts'
export { apiBase, type Routes, routes } from './routes.ts'
export * from './sessions/session.ts'
