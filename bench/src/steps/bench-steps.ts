import { cpus, loadavg } from 'node:os'
import { measureSyncs, openDisk } from '../disk.ts'
import { type Figures, jsonLine, openFigures } from '../figures.ts'
import { postgresFor } from '../postgres.ts'
import { openProduct } from '../product.ts'
import { type Peer, findPeers } from './peers.ts'
import { forget, killedRun, measureResume } from './resume.ts'
import { measureServed } from './served.ts'
import { measureStartup } from './startup.ts'
import { countSyncs } from './syncs.ts'
import { table } from './table.ts'
import { type Place, runSteps } from './workload.ts'

export interface StepsOptions {
  readonly json: boolean
  readonly smoke: boolean
  readonly folder?: string | undefined
  readonly postgres?: string | undefined
  readonly python?: string | undefined
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Durable steps on SQLite with `synchronous=FULL`, next to whoever else is here. Prints a table; never judges. */
export async function benchSteps(options: StepsOptions): Promise<void> {
  const { smoke } = options
  const disk = openDisk(options.folder)
  try {
    const before = loadavg()[0]!
    const place: Place = { disk, product: await openProduct(smoke, say) }
    const figures = openFigures()
    const notes: string[] = []
    const note = (line: string): void => {
      notes.push(line)
      say(line)
    }
    if (!place.product.command) note('Left out: the command, which is not there.')
    const peers = await findPeers(options, (line) => note(`Left out: ${line}`))
    await measureRates(place, figures, peers, smoke, note)
    if (place.product.command) {
      say('steps through server, worker and child')
      await measureServed(place, figures, smoke, await postgresFor(options, note))
    }
    await measureTraffic(place, figures, smoke, note)
    await measureGrowth(place, figures, smoke)
    await measureResumes(place, figures, smoke)
    say('start-up')
    await measureStartup(place, figures, smoke ? 1 : 9)
    const what = place.product.built ? 'built packages' : 'source, which starts slower'
    const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.versions.node}, ${disk.fileSystem}`
    console.log(`\n${machine}, ${what}, load ${before.toFixed(1)} before\n`)
    console.log([table(figures), ...notes].join('\n'))
    if (options.json) console.log(jsonLine('steps', figures))
  } finally {
    disk.close()
  }
}

/** Rates, a round after the other, so that a busy minute of the machine falls on all of them alike. */
async function measureRates(
  place: Place,
  figures: Figures,
  peers: readonly Peer[],
  smoke: boolean,
  note: (line: string) => void,
): Promise<void> {
  const rounds = smoke ? 1 : 5
  const few = smoke ? 0.05 : 1
  const lasting = new Set(peers)
  const steps = async (name: string, by: 'script' | 'command', count: number, width: number): Promise<void> => {
    const plan = { warm: 5000 * few, count: count * few, width }
    const { ms, cpuMs, threadMs, rss } = await runSteps(place, plan, by)
    figures.add(name, 'steps/s', (plan.count / ms) * 1000)
    if (by === 'script' && (width === 1 || width === 500)) {
      figures.add(`${name}_cpu`, 'µs/step', (cpuMs / plan.count) * 1000)
      figures.add(`${name}_thread_cpu`, 'µs/step', (threadMs / plan.count) * 1000)
      figures.add(`${name}_memory`, 'MB', rss / 1e6)
    }
  }
  for (let round = 1; round <= rounds; round++) {
    say(`rates, round ${round} of ${rounds}`)
    figures.add('disk.fdatasync', 'syncs/s', measureSyncs(place.disk.folder, smoke ? 200 : 5000))
    await steps('sqlite.sequential', 'script', 20_000, 1)
    await steps('sqlite.concurrent', 'script', 100_000, 500)
    for (const width of [8, 64, 2000]) await steps(`sqlite.concurrent_${width}`, 'script', 50_000, width)
    if (place.product.command) {
      await steps('sqlite.child_sequential', 'command', 20_000, 1)
      await steps('sqlite.child_concurrent', 'command', 100_000, 500)
    }
    for (const peer of lasting) {
      if (round > peer.rounds) continue
      say(`  ${peer.name}`)
      try {
        const ms = await peer.measure(place, { warm: peer.warm, count: peer.count, width: peer.width })
        figures.add(peer.name, 'steps/s', (peer.count / ms) * 1000)
      } catch (error) {
        lasting.delete(peer)
        note(
          `Left out from round ${round} on: ${peer.name} failed. ${(error as Error).message.trim().split('\n').at(-1)}`,
        )
      }
    }
  }
}

/** Syncs that were really made, so that no figure above comes from commits that were not on disk. */
async function measureTraffic(
  place: Place,
  figures: Figures,
  smoke: boolean,
  note: (line: string) => void,
): Promise<void> {
  say('syncs')
  const [alone, many] = smoke ? [200, 2000] : [5000, 50_000]
  const sequential = await countSyncs(place, alone, 1)
  const concurrent = await countSyncs(place, many, 500)
  if (sequential === null || concurrent === null) {
    note('Syncs were not counted: that takes strace, and the right to trace.')
    return
  }
  figures.add('syncs.sequential', 'syncs/step', sequential / alone)
  figures.add('syncs.concurrent', 'steps/sync', many / concurrent)
}

/** What one step costs, and the most memory, against how many steps a run has. */
async function measureGrowth(place: Place, figures: Figures, smoke: boolean): Promise<void> {
  for (const count of smoke ? [10, 100] : [10, 100, 1000, 10_000, 100_000]) {
    say(`a run of ${count} steps`)
    for (let n = 0; n < (smoke || count === 100_000 ? 1 : 3); n++) {
      const { ms, rss } = await runSteps(place, { before: smoke ? 100 : 5000, count, width: 1 })
      figures.add(`cost.${count}_us`, 'µs/step', (ms / count) * 1000)
      figures.add(`memory.${count}_mb`, 'MB', rss / 1e6)
    }
  }
}

async function measureResumes(place: Place, figures: Figures, smoke: boolean): Promise<void> {
  const count = smoke ? 1000 : 100_000
  for (const width of smoke ? [500] : [500, 1]) {
    say(`a killed run of ${count} steps, made ${width === 1 ? 'one after another' : `${width} at once`}`)
    const killed = await killedRun(place, count, width)
    for (let n = 0; n < (smoke ? 1 : 5); n++) await measureResume(place, figures, killed, count, width)
    forget(killed)
  }
}
