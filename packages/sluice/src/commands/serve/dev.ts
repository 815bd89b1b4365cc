import type { ChildProcess } from 'node:child_process'
import { relative } from 'node:path'
import { createClient } from '@sluice/api/client'
import { SluiceError } from '@sluice/core'
import { ipcChannel } from '@sluice/engine/store'
import type { Server } from '@sluice/server'
import { appFolder } from '@sluice/ui'
import type { Project } from '../../project/project.ts'
import { placeOfStore } from '../../project/store-place.ts'
import { announce, runningServer } from '../../system/running-server.ts'
import { notes } from '../../terminal/terminal.ts'
import { environmentOf, wholeNumber } from '../options.ts'
import { type Location, locate } from '../supervise/location.ts'
import { openStoreAt } from '../supervise/store.ts'
import { giveBack } from './give-back.ts'
import { startWorker, stopWorker } from './own-worker.ts'
import { findScene } from './scene.ts'
import { countsText, sceneLines } from './screen.ts'
import { say } from './say.ts'
import { ended } from './server.ts'
import { nameOf } from './worker.ts'

export interface DevOptions {
  readonly port: string
  readonly slots: string
  readonly env?: string
}

/** How often in a row the worker of `dev` is started again, and how long it must last to begin counting anew. */
const mostRestarts = 5
const lastsFor = 60_000

/** `sluice dev`: a server and one worker, each in a process of its own. */
export async function dev(file: string | undefined, options: DevOptions, version: string): Promise<number> {
  const location = locate(file)
  const { project } = location
  const port = wholeNumber('--port', options.port)
  wholeNumber('--slots', options.slots, 1)
  await checkAlone(project)
  // The worker loads the code while the server opens the store, and may say what is wrong with it before there is one.
  const began = Date.now()
  let worker = startWorker(file, { ...options, reload: true })
  let ending = false
  try {
    const place = await placeOfStore(project, { environment: environmentOf(options) })
    const [{ openServer }, store] = await Promise.all([import('@sluice/server'), openStoreAt(project, place)])
    const token = process.env['SLUICE_TOKEN'] ?? null
    const server = await openServer({
      store,
      version,
      appFolder,
      port,
      token,
      // The worker has told that already, with its place.
      say: (level, text) => text.startsWith(`"${nameOf(project.root)}" could not be loaded`) || say(level, text),
    })
    let restarts = 0
    const follow = (child: ChildProcess, since = performance.now()): void => {
      const connection = server.connectWorker(ipcChannel(child, 'worker'))
      child.once('exit', (code, signal) => {
        if (ending) return
        void connection.gone()
        if (performance.now() - since > lastsFor) restarts = 0
        if (restarts++ >= mostRestarts)
          return say(
            'error',
            `The worker ended again (${signal ?? code}), and is not started any more: no run goes on.`,
          )
        say('warn', `The worker ended (${signal ?? code}), and is started again.`)
        worker = startWorker(file, { ...options, reload: true })
        follow(worker)
      })
    }
    follow(worker)
    say('info', `Sluice ${version} answers at ${server.url}/`)
    const withdraw = await announce(project.home, server.url, place)
    const closing = new AbortController()
    void tell(server, location, token, began, closing.signal).catch((error: unknown) =>
      say('error', (error as Error).message),
    )
    setTimeout(giveBack, 3_000).unref()
    await ended()
    ending = true
    closing.abort()
    withdraw()
    await stopWorker(worker)
    await server.close()
    await store.close()
    return 0
  } finally {
    ending = true
    if (worker.exitCode === null) worker.kill('SIGKILL')
  }
}

/** Two of them would take turns with the same code. */
async function checkAlone(project: Project): Promise<void> {
  const url = await runningServer(project)
  if (url === null) return
  throw new SluiceError('CONFLICT', `A server is at work on the store of this project already: ${url}.`, {
    hint: 'Use that one: sluice schedules list. Another needs a store of its own: SLUICE_HOME=.sluice-2 sluice dev',
  })
}

/** Says what was loaded and what comes next, once; and again, in a line, when saved code is used. */
async function tell(
  { url, context, fetch }: Server,
  { project, entries }: Location,
  token: string | null,
  /** What was wrong before is of an earlier process. */
  began: number,
  signal: AbortSignal,
): Promise<void> {
  const client = createClient({ url, fetch, ...(token !== null && { token }) })
  const name = nameOf(project.root)
  const own = entries.filter((entry) => entry !== project.configFile)
  const from = { url, entries: own.map((entry) => relative(project.root, entry)) }
  let told: string | null = null
  while (!signal.aborted) {
    const mine = (await context.locations.list()).find((one) => one.name === name)
    const failed = mine?.problem && mine.problem.at >= began
    const used = mine?.active && context.connections.has(name, mine.active) ? mine.active : null
    const now = failed ? 'failed' : used
    if (now !== null && now !== told) {
      const scene = await findScene(client, name, from)
      const { style, columns } = notes
      if (told === null)
        for (const line of ['', ...sceneLines(scene, style, columns, context.now()), '']) say('info', line)
      // What was wrong with code that cannot be loaded the worker has told.
      else if (!failed) say('info', `Loaded again: ${countsText(scene.counts ?? {})}`)
      told = now
    }
    await context.live.next(2_000, signal)
    // What is committed in a burst is one look.
    await new Promise((resolve) => setTimeout(resolve, told === null ? 20 : 200))
  }
}
