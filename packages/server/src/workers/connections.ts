import type { CodeRequest, FromWorker, Held, Terms, ToWorker } from '@sluice/api/workers'
import { type Run, SluiceError, fromStoredError, toStoredError } from '@sluice/core'
import { type Channel, type Store, afterChild, newId, serveStore } from '@sluice/engine'
import { claimPass } from './claim-pass.ts'
import { type Connected, hasCode, refusal } from './connected.ts'
import { inner } from './inner-channel.ts'
import { openKept } from './kept.ts'
import { readOnlyStore, scopedStore } from './scoped-store.ts'

export interface ConnectionsOptions {
  readonly store: Store
  readonly now: () => number
  /** Milliseconds that a session lasts without a beat. */
  readonly lease: number
  readonly beat: number
  /** Something changed that another pass should look at: a worker came, a run was given back. */
  readonly wake: () => void
  /** A worker offers a code version. */
  readonly offered: (offer: Extract<FromWorker, { message: 'offer' }>) => Promise<void>
  readonly problem: (problem: Extract<FromWorker, { message: 'problem' }>) => Promise<void>
  /** What goes wrong with nobody to answer to. */
  readonly failed: (error: unknown) => void
}

export interface Connection {
  /** Its process is dead for certain: what it had goes back to the queue at once, and not when its lease ends. */
  gone(): Promise<void>
}

export interface Connections {
  /** Speaks with a worker until its channel closes. `pools`: those it may take runs of; `undefined` for all. */
  connect(channel: Channel, pools?: readonly string[]): Connection
  /** Gives delivered runs to workers that have a free slot. How many it gave. */
  claimPass(): Promise<number>
  /** Asks user code, of a location's version, by a worker that has it. */
  ask(location: string, version: string, request: CodeRequest, timeout: number): Promise<unknown>
  /** Tells whoever executes the run that it is to be canceled. */
  cancel(run: string): void
  /** Is there a worker here that has this code? */
  has(location: string, version: string): boolean
  readonly count: number
  /** Tells workers that fetch code what is active now. */
  fetchActive(): Promise<void>
  /** Has workers that fetch code get this version. */
  want(location: string, version: string): void
  drain(): void
  /** Closes every connection, after what was heard is done. */
  close(): Promise<void>
}

export function openConnections(options: ConnectionsOptions): Connections {
  const { store, now, lease, beat, wake, failed } = options
  const connected = new Set<Connected>()
  /** What was heard and is not done yet. */
  const hearing = new Set<Promise<void>>()
  const asked = new Map<
    number,
    PromiseWithResolvers<unknown> & { readonly of: Connected; readonly frames: ReturnType<typeof inner> }
  >()
  let asks = 0

  const tell = (to: Channel, message: ToWorker): void => to.send(message)
  const kept = openKept({ store, now, wake })

  /** Whoever asked it something gets no answer. */
  const unanswered = (worker: Connected): void => {
    for (const [id, waiting] of asked) {
      if (waiting.of !== worker) continue
      asked.delete(id)
      waiting.reject(new SluiceError('WORKER_UNKNOWN', `The worker "${worker.name}" has gone, and has not answered.`))
    }
  }

  const open = (worker: Connected, { run, epoch }: Held): void => {
    if (worker.runs.get(run)?.epoch === epoch) return
    const frames = inner((frame) => tell(worker.channel, { message: 'store', run, epoch, frame }))
    worker.runs.set(run, { epoch, frames })
    serveStore(scopedStore(store, run), frames.channel)
  }

  const start = (worker: Connected, run: Run, version: string): void => {
    open(worker, { run: run.id, epoch: run.epoch })
    const fresh = run.epoch === 1 && run.retryOf === null
    tell(worker.channel, { message: 'start', run, fresh, version, elapsed: now() - (run.startedAt ?? now()) })
  }

  /** The session that it had, if it still lasts; otherwise a new one. */
  const join = async (hello: Extract<FromWorker, { message: 'hello' }>): Promise<string> => {
    const { worker } = hello
    if (hello.session !== null) {
      const [renewed] = await store.commit([{ change: 'worker.renew', worker: hello.session, lease }])
      if (renewed?.ok) return hello.session
    }
    const session = newId('w', now())
    const joined = { ...worker, id: session, draining: false, versions: {} }
    await store.commit([{ change: 'worker.join', worker: joined, lease }])
    return session
  }

  /** What the store says that it holds, against what it says. */
  const reconcile = async (worker: Connected, held: readonly Held[]): Promise<void> => {
    const owned = await store.runs.ofOwner(worker.session)
    const mine = new Map(owned.map((run) => [run.id, run]))
    for (const one of held) {
      if (mine.get(one.run)?.epoch === one.epoch) open(worker, one)
      else tell(worker.channel, { message: 'drop', ...one })
    }
    const has = new Set(held.map(({ run }) => run))
    for (const run of owned) {
      if (has.has(run.id)) {
        if (run.cancelRequested) tell(worker.channel, { message: 'cancel', run: run.id, epoch: run.epoch })
        continue
      }
      // Whether it ever began there nobody knows: it goes on under a new epoch.
      await store.commit([afterChild(run, { how: 'given-back' }, now())])
    }
  }

  /** Deployed code that counts now is wanted by every worker that fetches. */
  const fetchActive = async (worker: Connected): Promise<void> => {
    if (!worker.fetches) return
    for (const { name, active } of await store.locations.list())
      if (active !== null) await tellFetch(worker, name, active)
  }

  const tellFetch = async (worker: Connected, location: string, version: string): Promise<void> => {
    if (hasCode(worker, location, version)) return
    const found = await store.locations.version(location, version)
    if (found?.bundle) tell(worker.channel, { message: 'fetch', location, version, bundle: found.bundle })
  }

  const welcome = async (channel: Channel, hello: unknown, pools: readonly string[] | undefined) => {
    const said = hello as Extract<FromWorker, { message: 'hello' }>
    const refused = refusal(said, pools)
    if (refused) {
      tell(channel, { message: 'refused', error: toStoredError(refused) })
      channel.close()
      return null
    }
    const session = await join(said)
    const { name, pool, slots } = said.worker
    const worker: Connected = {
      session,
      name,
      pool,
      slots,
      channel,
      versions: new Map(),
      runs: new Map(),
      fetches: said.fetches,
      draining: false,
    }
    for (const other of connected) if (other.session === session) connected.delete(other)
    const terms: Terms = { session, lease, beat }
    tell(channel, { message: 'welcome', terms })
    await reconcile(worker, session === said.session ? said.held : [])
    connected.add(worker)
    await fetchActive(worker)
    wake()
    return worker
  }

  const renew = async (
    worker: Connected,
    { draining, at }: Extract<FromWorker, { message: 'beat' }>,
  ): Promise<void> => {
    worker.draining = draining
    const [renewed] = await store.commit([{ change: 'worker.renew', worker: worker.session, lease, draining }])
    tell(worker.channel, renewed?.ok ? { message: 'renewed', ...(at !== undefined && { at }) } : { message: 'over' })
    if (!renewed?.ok) {
      kept.forget(worker.session)
      return void connected.delete(worker)
    }
    // Asked for by another server, or decided by a limit.
    for (const run of await store.runs.ofOwner(worker.session))
      if (run.cancelRequested) tell(worker.channel, { message: 'cancel', run: run.id, epoch: run.epoch })
  }

  const offer = async (worker: Connected, message: Extract<FromWorker, { message: 'offer' }>): Promise<void> => {
    const { location, version } = message.version
    await options.offered(message)
    const versions = worker.versions.get(location) ?? new Set()
    worker.versions.set(location, versions.add(version))
    await saveVersions(worker)
    wake()
  }

  const saveVersions = async (worker: Connected): Promise<void> => {
    const versions = Object.fromEntries([...worker.versions].map(([name, its]) => [name, [...its]]))
    await store.commit([{ change: 'worker.renew', worker: worker.session, lease, versions }])
  }

  /** Nobody holds the run under this epoch any more; as long as nobody else does, what it committed counts. */
  const takeLeft = async (
    worker: Connected,
    { run, epoch, frame }: Extract<FromWorker, { message: 'left' }>,
  ): Promise<void> => {
    const isCurrent = (await store.runs.get(run))?.epoch === epoch
    if (isCurrent) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const frames = inner(() => resolve())
      serveStore(scopedStore(store, run), frames.channel)
      frames.receive(frame)
      await promise
    }
    tell(worker.channel, { message: 'taken', run, epoch })
  }

  const takeFrame = (worker: Connected, message: Extract<FromWorker, { message: 'store' }>): void => {
    const { run, epoch, frame } = message
    const open = worker.runs.get(run)
    if (open?.epoch === epoch) open.frames.receive(frame)
    else tell(worker.channel, { message: 'drop', run, epoch })
  }

  const hear = async (worker: Connected, message: FromWorker): Promise<void> => {
    switch (message.message) {
      case 'hello':
        return
      case 'beat':
        return renew(worker, message)
      case 'offer':
        return offer(worker, message)
      case 'retract':
        worker.versions.get(message.location)?.delete(message.version)
        return saveVersions(worker)
      case 'left':
        return takeLeft(worker, message)
      case 'problem':
        return options.problem(message)
      case 'store':
        return takeFrame(worker, message)
      case 'output':
      case 'done':
        return kept.keep(worker, message)
      case 'ask-store':
        return asked.get(message.ask)?.frames.receive(message.frame)
      case 'answer': {
        const waiting = asked.get(message.ask)
        asked.delete(message.ask)
        if (message.answer.ok) waiting?.resolve(message.answer.value)
        else waiting?.reject(fromStoredError(message.answer.error))
        return
      }
      case 'bye':
        connected.delete(worker)
        kept.forget(worker.session)
        await store.commit([{ change: 'worker.leave', worker: worker.session, expired: false, at: now() }])
        worker.channel.close()
        wake()
    }
  }

  return {
    connect(channel, pools) {
      let worker: Promise<Connected | null> | undefined
      // In the order they came, and the first before all: later ones need the session.
      let last: Promise<unknown> = Promise.resolve()
      let known: Connected | null = null
      channel.listen((message) => {
        if (!worker) {
          worker = welcome(channel, message, pools)
          last = worker.then(
            (one) => void (known = one),
            (error: unknown) => {
              failed(error)
              channel.close()
            },
          )
          return
        }
        const said = message as FromWorker
        // Steps do not wait for what else a worker says.
        if (said.message === 'store' && known) return takeFrame(known, said)
        const its = worker
        last = last.then(async () => {
          const one = await its.catch(() => null)
          if (one) await hear(one, said)
        })
        last = last.catch(failed)
        const heard = last.then(() => void hearing.delete(heard))
        hearing.add(heard)
      })
      channel.onClose(() => {
        void worker
          ?.then((one) => {
            if (!one) return
            connected.delete(one)
            unanswered(one)
          })
          .catch(() => {})
      })
      return {
        async gone() {
          const one = await worker?.catch(() => null)
          if (!one) return
          connected.delete(one)
          kept.forget(one.session)
          await store.commit([{ change: 'worker.leave', worker: one.session, expired: false, at: now() }])
          wake()
        },
      }
    },
    claimPass: () => claimPass({ store, now, workers: connected, start }),
    async ask(location, version, request, timeout) {
      const worker = [...connected].find((one) => hasCode(one, location, version))
      if (!worker) {
        throw new SluiceError('WORKER_UNKNOWN', `No worker here has the code ${version} of "${location}".`, {
          hint: 'sluice workers list shows who is connected and what they have.',
        })
      }
      const id = ++asks
      const frames = inner((frame) => tell(worker.channel, { message: 'ask-store', ask: id, frame }))
      serveStore(readOnlyStore(store), frames.channel)
      const waiting = { ...Promise.withResolvers<unknown>(), of: worker, frames }
      asked.set(id, waiting)
      const timer = setTimeout(() => {
        asked.delete(id)
        waiting.reject(
          new SluiceError('CODE_SILENT', `The worker "${worker.name}" gave no answer within ${timeout / 1000} s.`, {
            retryable: true,
          }),
        )
      }, timeout + 1000)
      tell(worker.channel, { message: 'ask', ask: id, location, version, request, timeout })
      return await waiting.promise.finally(() => clearTimeout(timer))
    },
    cancel(run) {
      for (const worker of connected) {
        const open = worker.runs.get(run)
        if (open) tell(worker.channel, { message: 'cancel', run, epoch: open.epoch })
      }
    },
    has: (location, version) => [...connected].some((one) => hasCode(one, location, version)),
    get count() {
      return connected.size
    },
    async fetchActive() {
      for (const worker of connected) await fetchActive(worker)
    },
    want(location, version) {
      for (const worker of connected) if (worker.fetches) void tellFetch(worker, location, version).catch(failed)
    },
    drain() {
      for (const { channel } of connected) tell(channel, { message: 'drain' })
    },
    async close() {
      await Promise.all(hearing)
      for (const worker of connected) {
        unanswered(worker)
        worker.channel.close()
      }
      connected.clear()
    },
  }
}
