/** What server and worker say to each other. */
export * from './workers/messages.ts'
export * from './workers/socket-channel.ts'
