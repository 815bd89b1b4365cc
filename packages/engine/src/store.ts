/**
 * The port of the store by itself: what a store and its clients need, without the rest of the engine. The thread of a
 * store loads this and nothing more.
 */
export * from './crash-point.ts'
export * from './store/changes.ts'
export * from './partitions/keys-at.ts'
export * from './store/channel.ts'
export * from './store/history-reads.ts'
export * from './store/ipc-channel.ts'
export * from './store/port-channel.ts'
export * from './store/ports.ts'
export * from './store/remote.ts'
export * from './store/serve.ts'
export * from './store/wire.ts'
export * from './store/resend.ts'
