/** Ctrl-C, and what a service manager sends: the first asks, the second does not. Gives back what ends it. */
export function onInterrupt({
  first,
  second,
}: {
  readonly first: () => void
  readonly second: () => void
}): () => void {
  let count = 0
  const hear = (): void => {
    count += 1
    if (count === 1) first()
    else second()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, hear)
  return () => {
    for (const signal of signals) process.off(signal, hear)
  }
}
