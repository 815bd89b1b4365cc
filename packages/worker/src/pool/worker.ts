import { hostname } from 'node:os'
import { type FromWorker, type Held, protocolVersion, type Terms, type ToWorker } from '@sluice/api/workers'
import { type LineLevel, type LocationProblem, SluiceError, fromStoredError, toStoredError } from '@sluice/core'
import type { Channel } from '@sluice/engine/store'
import { type Code, problemOf } from './code.ts'
import { openLines } from './lines.ts'
import { openOutbound } from './outbound.ts'
import { type RunProcess, startRun } from './run-process.ts'
import { openSpool } from './spool.ts'

export interface WorkerOptions {
  readonly name?: string
  readonly pool: string
  readonly slots: number
  /** Opens a connection to the server; rejects where there is none. */
  readonly connect: () => Promise<Channel>
  /** Brings code that was deployed to this machine, and loads it. Default: it has only what it offers by itself. */
  readonly fetch?: (asked: { location: string; version: string; bundle: string }) => Promise<Code>
  /** The folder for what waits for a connection. */
  readonly spool: string
  /** Bytes that may wait there; then what runs print waits in their processes. Default 1 GiB. */
  readonly spoolCap?: number
  /** Of this installation. */
  readonly sluice: string
  /** One line about what goes on. */
  readonly say: (level: 'info' | 'warn' | 'error', text: string) => void
}

export interface PoolWorker {
  /** Code that it can execute from now on. `activate`: new runs are to use it (`dev`). */
  offer(code: Code, activate: boolean): void
  /** Kept under the worker's name, besides what it says by itself: what its processes print that execute no run. */
  print(text: string): void
  /** Newer code could not be loaded; `null`: it could. */
  problem(location: string, error: unknown): void
  /** Connected, and welcome. */
  readonly welcome: Promise<void>
  /** Takes no new runs; gives back those that are not over within `grace` ms, and leaves. */
  drain(grace: number): Promise<void>
  /** Kills everything, at once. */
  kill(): Promise<void>
  readonly running: number
}

type Sending = Exclude<FromWorker, { message: 'hello' | 'output' | 'done' }>

/** Milliseconds that a worker that leaves waits for the server to keep what it said. */
const lastWords = 5_000
/** Milliseconds, at most, until code that could not be had is tried again. */
const mostPatience = 60_000
/** Milliseconds until what the server has not kept is said again: its store may have been away. */
const sendAgainAfter = 10_000

/** Takes runs from a server and executes them, each in a process of its own. Comes back by itself when the connection breaks. */
export function openWorker(options: WorkerOptions): PoolWorker {
  const { pool, slots } = options
  const name = options.name ?? hostname()
  const codes = new Map<string, Code>()
  const fetching = new Set<string>()
  const unfetched = new Map<string, { readonly times: number; readonly said: string; readonly until: number }>()
  const offered = new Map<string, { code: Code; activate: boolean }>()
  const runs = new Map<string, RunProcess>()
  const spool = openSpool({
    folder: options.spool,
    ...(options.spoolCap !== undefined && { cap: options.spoolCap }),
  })
  let isFull = false
  const outbound = openOutbound({
    file: spool.file,
    room: spool.room,
    onFull(full) {
      isFull = full
      for (const one of runs.values()) one.pause(full)
    },
  })
  const keep = (level: LineLevel, message: string): void =>
    outbound.push({ message: 'output', of: null, lines: [{ at: Date.now(), level, message, step: 0 }] })
  const say: WorkerOptions['say'] = (level, text) => {
    options.say(level, text)
    keep(level, text)
  }
  const printed = openLines({
    now: () => Date.now(),
    send: (lines) => outbound.push({ message: 'output', of: null, lines }),
  })
  const firstWelcome = Promise.withResolvers<void>()
  firstWelcome.promise.catch(() => {})
  let channel: Channel | null = null
  let terms: Terms | null = null
  let renewedAt = 0
  let draining = false
  let closed = false
  let beating: NodeJS.Timeout | undefined

  /**
   * What the store said after a lease without a word that these runs are still this worker's: it was stopped, or the
   * machine slept. A run that heard of its last step would begin the next one, which another worker may have done by now.
   */
  const late: Extract<ToWorker, { message: 'store' }>[] = []
  const isLate = (): boolean => terms !== null && performance.now() - renewedAt > terms.lease

  const key = (run: string, epoch: number): string => `${run} ${epoch}`
  /** Its process has ended, and the server does not know for certain: nobody is to have the run before it does. */
  const ended = new Map<string, Held>()
  const held = (): Held[] => [
    ...[...runs.values()].map(({ run }) => ({ run: run.id, epoch: run.epoch })),
    ...ended.values(),
  ]
  /** What cannot be sent now is lost, unless it is kept elsewhere: frames of a run are. */
  const send = (message: Sending): void => {
    if (channel && terms) channel.send(message)
  }

  /** What is wrong with code, or that nothing is any more, and was not said for want of a connection. */
  const unsaid = new Map<string, LocationProblem | null>()
  const tellProblem = (location: string, problem: LocationProblem | null): void => {
    if (channel && terms) send({ message: 'problem', location, problem })
    else unsaid.set(location, problem)
  }

  const connect = async (): Promise<void> => {
    for (let wait = 100; !closed; wait = Math.min(wait * 2, 5_000)) {
      try {
        const opened = await options.connect()
        await speak(opened)
        wait = 100
      } catch (error) {
        if (isFinal(error)) {
          firstWelcome.reject(error)
          say('error', (error as Error).message)
          return
        }
        if (wait === 100) say('warn', `No connection to the server: ${(error as Error).message}`)
      }
      if (!closed) await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())))
    }
  }

  /** Until the connection ends. */
  const speak = (opened: Channel): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    opened.onClose(() => {
      if (channel === opened) {
        channel = null
        outbound.close()
        if (!closed)
          say('warn', 'The connection to the server was lost; runs go on to their next step, and wait there.')
      }
      clearInterval(beating)
      resolve()
    })
    opened.listen((message) => {
      const said = message as ToWorker
      if (said.message === 'refused') {
        reject(fromStoredError(said.error))
        opened.close()
      } else if (said.message === 'welcome') welcome(opened, said.terms)
      else hear(said)
    })
    const machine = { host: hostname(), pid: process.pid, node: process.versions.node, sluice: options.sluice }
    opened.send({
      message: 'hello',
      protocol: protocolVersion,
      worker: { name, pool, slots, machine },
      session: terms?.session ?? null,
      held: held(),
      fetches: options.fetch !== undefined,
    } satisfies FromWorker)
    return promise
  }

  const welcome = (opened: Channel, given: Terms): void => {
    // What ran under a session that has ended belongs to others by now.
    if (terms && terms.session !== given.session) dropAll()
    channel = opened
    late.length = 0 // what was not heard is asked again
    terms = given
    renewedAt = performance.now()
    for (const one of offered.values()) sendOffer(one.code, one.activate)
    for (const [location, problem] of unsaid) send({ message: 'problem', location, problem })
    unsaid.clear()
    // Before anything else of these runs: whoever takes them over finds what was done.
    for (const { run, epoch, frame } of spool.left())
      if (!runs.has(key(run, epoch))) send({ message: 'left', run, epoch, frame })
    for (const one of runs.values()) {
      const { id, epoch } = one.run
      const frame = one.unanswered()
      if (frame !== null) send({ message: 'store', run: id, epoch, frame })
      spool.remove(id, epoch)
    }
    outbound.open((message) => channel?.send(message))
    clearInterval(beating)
    beating = setInterval(beat, given.beat)
    say('info', `Connected: pool ${pool}, ${slots} slots, session ${given.session}.`)
    firstWelcome.resolve()
  }

  const beat = (): void => {
    send({ message: 'beat', draining, held: held(), at: performance.now() })
    outbound.again(sendAgainAfter)
    // Nobody has answered for a whole lease: others may have the runs.
    if (terms && performance.now() - renewedAt > terms.lease * 2) channel?.close()
  }

  const dropAll = (): void => {
    for (const one of runs.values()) {
      one.drop()
      spool.remove(one.run.id, one.run.epoch)
    }
    runs.clear()
    ended.clear()
    late.length = 0
  }

  const hear = (said: Exclude<ToWorker, { message: 'welcome' | 'refused' }>): void => {
    switch (said.message) {
      case 'renewed':
        // Since the beat: its answer may have lain here while this process was stopped.
        renewedAt = said.at ?? performance.now()
        if (!isLate()) for (const one of late.splice(0)) runs.get(key(one.run, one.epoch))?.receive(one.frame)
        return
      case 'over':
        say('warn', 'The session of this worker has ended; its runs went to others.')
        dropAll()
        terms = null
        channel?.close()
        return
      case 'start':
        return start(said)
      case 'store':
        if (isLate()) return void late.push(said)
        return runs.get(key(said.run, said.epoch))?.receive(said.frame)
      case 'cancel':
        return runs.get(key(said.run, said.epoch))?.cancel()
      case 'drop': {
        const one = runs.get(key(said.run, said.epoch))
        runs.delete(key(said.run, said.epoch))
        ended.delete(key(said.run, said.epoch))
        one?.drop()
        return
      }
      case 'ask':
        return void answer(said)
      case 'ask-store':
        return asks.get(said.ask)?.(said.frame)
      case 'kept':
        return outbound.kept(said.seq)
      case 'taken':
        return spool.remove(said.run, said.epoch)
      case 'fetch':
        return void fetched(said)
      case 'drain':
        draining = true
    }
  }

  const start = ({ run, fresh, version, elapsed }: Extract<ToWorker, { message: 'start' }>): void => {
    const code = codes.get(`${run.terms?.location} ${version}`)
    const { id, epoch } = run
    if (runs.has(key(id, epoch))) return
    if (!code || draining) {
      const outcome = { how: 'given-back' } as const
      return outbound.push({ message: 'done', run: id, epoch, outcome })
    }
    runs.set(
      key(id, epoch),
      startRun({
        code,
        run,
        fresh,
        elapsed,
        sendFrame(frame) {
          if (channel) return send({ message: 'store', run: id, epoch, frame })
          try {
            spool.keep({ run: id, epoch, frame: runs.get(key(id, epoch))?.unanswered() ?? frame })
          } catch (error) {
            say('error', (error as Error).message) // the step waits for its acknowledgement as it is
          }
        },
        sendLines: (lines) => outbound.push({ message: 'output', of: { run: id, epoch }, lines }),
        done(outcome) {
          runs.delete(key(id, epoch))
          ended.set(key(id, epoch), { run: id, epoch })
          outbound.push({ message: 'done', run: id, epoch, outcome })
          void outbound.empty().then(() => ended.delete(key(id, epoch)))
        },
      }),
    )
    if (isFull) runs.get(key(id, epoch))?.pause(true)
  }

  /** How what the store says reaches the process that was asked. */
  const asks = new Map<number, (frame: unknown) => void>()
  const answer = async (said: Extract<ToWorker, { message: 'ask' }>): Promise<void> => {
    const { ask, location, version, request, timeout } = said
    try {
      const code = codes.get(`${location} ${version}`)
      if (!code) throw new SluiceError('NOT_FOUND', `This worker does not have the code ${version} of "${location}".`)
      const value = await code.ask(request, timeout, {
        send: (frame) => send({ message: 'ask-store', ask, frame }),
        listen: (receive) => void asks.set(ask, receive),
      })
      send({ message: 'answer', ask, answer: { ok: true, value } })
    } catch (error) {
      send({ message: 'answer', ask, answer: { ok: false, error: toStoredError(error) } })
    } finally {
      asks.delete(ask)
    }
  }

  /** One at a time for each version; one that could not be had is tried again when it is asked for again, later and later. */
  const fetched = async (said: Extract<ToWorker, { message: 'fetch' }>): Promise<void> => {
    const name = `${said.location} ${said.version}`
    if (!options.fetch || codes.has(name) || fetching.has(name)) return
    const before = unfetched.get(name)
    if (before && Date.now() < before.until) return
    fetching.add(name)
    try {
      const code = await options.fetch(said)
      unfetched.delete(name)
      codes.set(name, code)
      offered.set(name, { code, activate: false })
      sendOffer(code, false)
      say('info', `Has the code ${said.version.slice(0, 12)} of "${said.location}".`)
    } catch (error) {
      const times = (before?.times ?? 0) + 1
      const { message } = error as Error
      unfetched.set(name, { times, said: message, until: Date.now() + Math.min(mostPatience, 1_000 * 2 ** times) })
      if (message === before?.said) return
      say('error', message)
      tellProblem(said.location, problemOf(error, Date.now()))
    } finally {
      fetching.delete(name)
    }
  }

  const sendOffer = (code: Code, activate: boolean): void => send({ message: 'offer', version: code.offer, activate })

  void connect()

  return {
    offer(code, activate) {
      const { location, version } = code.offer
      // The files of what came before have changed: nothing new begins with it.
      for (const [id, other] of offered) {
        if (id === `${location} ${version}` || other.code.offer.location !== location) continue
        offered.delete(id)
        codes.delete(id)
        send({ message: 'retract', location, version: other.code.offer.version })
        void other.code.close()
      }
      codes.set(`${location} ${version}`, code)
      offered.set(`${location} ${version}`, { code, activate })
      sendOffer(code, activate)
    },
    print: (text) => printed.add(text, 'stdout'),
    problem: (location, error) => tellProblem(location, error === null ? null : problemOf(error, Date.now())),
    welcome: firstWelcome.promise,
    async drain(grace) {
      draining = true
      beat()
      await Promise.all([...runs.values()].map((one) => one.giveBack(grace)))
      // Its last words; where nobody can take them they stay on disk, for who comes next.
      printed.end()
      await Promise.race([outbound.empty(), new Promise((resolve) => setTimeout(resolve, lastWords).unref())])
      send({ message: 'bye' })
      closed = true
      clearInterval(beating)
      // The word needs a moment to leave.
      await new Promise((resolve) => setTimeout(resolve, 50))
      channel?.close()
      await Promise.all([...codes.values()].map((code) => code.close()))
    },
    async kill() {
      closed = true
      clearInterval(beating)
      dropAll()
      channel?.close()
      await Promise.all([...codes.values()].map((code) => code.close()))
    },
    get running() {
      return runs.size
    },
  }
}

const isFinal = (error: unknown): boolean =>
  ['PROTOCOL_VERSION', 'FORBIDDEN', 'UNAUTHORIZED', 'REQUEST_INVALID'].includes((error as { code?: string }).code ?? '')
