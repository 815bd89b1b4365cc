/** What a websocket of any library has. */
export interface Socket {
  readonly readyState: number
  send(text: string): void
  close(code?: number, reason?: string): void
  on(event: 'message', listener: (data: unknown) => void): unknown
  on(event: 'close' | 'error', listener: (reason: unknown) => void): unknown
}

const open = 1

/** Plain data in order over a websocket, as JSON text. What cannot be read as JSON closes it. */
export function socketChannel(socket: Socket): {
  send(message: unknown): void
  listen(listener: (message: unknown) => void): void
  onClose(listener: (reason: Error) => void): void
  close(): void
} {
  const early: unknown[] = []
  let listener: ((message: unknown) => void) | null = null
  let closed: Error | null = null
  const closing: ((reason: Error) => void)[] = []
  const end = (reason: unknown): void => {
    if (closed) return
    closed = reason instanceof Error ? reason : new Error('The connection was closed.')
    for (const one of closing) one(closed)
  }
  socket.on('message', (data) => {
    let message: unknown
    try {
      message = JSON.parse(String(data))
    } catch {
      socket.close(1007, 'not JSON')
      return
    }
    if (listener) listener(message)
    else early.push(message)
  })
  socket.on('close', end)
  socket.on('error', end)
  return {
    send(message) {
      if (socket.readyState === open) socket.send(JSON.stringify(message))
    },
    listen(to) {
      listener = to
      for (const message of early.splice(0)) to(message)
    },
    onClose(to) {
      if (closed) to(closed)
      else closing.push(to)
    },
    close: () => socket.close(1000),
  }
}
