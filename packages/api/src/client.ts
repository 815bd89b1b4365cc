/** A typed client of the API, for Node 20 and later and for browsers. */
export { type Client, createClient } from './client/client.ts'
export type { ClientOptions } from './client/connection.ts'
export type { Enqueued, EnqueueOptions, Reference, ReferenceTo } from './client/enqueue.ts'
export type { FollowOptions } from './client/follow.ts'
export { pages } from './client/pages.ts'
