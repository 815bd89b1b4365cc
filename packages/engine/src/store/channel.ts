/** A way to send plain data to another thread or process and hear from it, in order. */
export interface Channel {
  send(message: unknown): void
  /** One listener; messages that came before it was set are kept for it. */
  listen(listener: (message: unknown) => void): void
  /** Called once, when the other side is gone. */
  onClose(listener: (reason: Error) => void): void
  close(): void
  /** The next message that waits, past the listener; `undefined` for none. Where it can be told without waiting. */
  take?(): unknown
  /** Keeps the process alive from `ref` to `unref`, while an answer is awaited. */
  ref?(): void
  unref?(): void
}
