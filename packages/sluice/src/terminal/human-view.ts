import type { Run, Step } from '@sluice/core'
import { endLines } from './end.ts'
import { createBlock } from './progress/block.ts'
import { createFeed, logText } from './progress/feed.ts'
import { createProgress, titleOf } from './progress/model.ts'
import { statusLines } from './progress/status.ts'
import { answerCommand, fromHere } from './shell.ts'
import { type Terminal, output as results } from './terminal.ts'
import { stateCounts } from './words.ts'
import type { RunView } from './view.ts'

/** Ten drawings a second are smooth enough; where nothing can be drawn over, a line every few seconds will do. */
const DRAW_EVERY = 100
const SUM_EVERY = 5000
/** What has not stopped this long after Ctrl-C is named. */
const STUBBORN = 1500

export interface HumanOptions {
  readonly terminal: Terminal
  /** Where definitions are, for errors that do not say. */
  readonly placeOf: (kind: Step['kind'], name: string) => string | undefined
  readonly home: string
  /** The project's root: commands to type next work from there. */
  readonly root: string
  /** The server that was asked for, which commands to type next name too. */
  readonly server?: string | undefined
}

/** For people: lines that stay, and in a terminal what goes on below them. */
export function humanView({ terminal, placeOf, home, root, server }: HumanOptions): RunView {
  const { style } = terminal
  const progress = createProgress()
  const feed = createFeed(style, progress)
  const block = terminal.isLive ? createBlock(terminal) : undefined
  let run: Run | undefined
  let total: number | undefined
  let since = 0
  let frame = 0
  let isCanceling = false
  let toldBlocked = false
  let timer: NodeJS.Timeout | undefined
  let stubborn: NodeJS.Timeout | undefined
  const asked = new Set<string>()
  let above: string[] = []
  let warnings = 0

  const draw = (): void => {
    if (!block || !run || !timer) return
    const text = above.map((line) => `${line}\n`).join('')
    above = []
    block.draw(
      statusLines(style, progress, {
        run,
        total,
        since,
        now: Date.now(),
        frame,
        isCanceling,
        room: Math.max(2, Math.min(10, terminal.rows - 6)),
      }),
      text,
    )
  }
  const say = (...lines: readonly string[]): void => {
    if (block && timer) above.push(...lines)
    else for (const line of lines) terminal.line(line)
  }
  const tick = (): void => {
    frame += 1
    if (!block) say(...feed.summaries())
    draw()
  }
  const stop = (): void => {
    clearInterval(timer)
    clearTimeout(stubborn)
    process.stderr.off('resize', draw)
    if (timer && above.length > 0)
      block?.draw(
        [],
        above
          .splice(0)
          .map((line) => `${line}\n`)
          .join(''),
      )
    timer = undefined
    block?.clear()
  }

  return {
    async started(now, { isNew, total: count, steps }) {
      run = now
      total = count
      since = Date.now()
      if (!isNew)
        say(
          `${style.cyan('↻')} Going on with run ${now.id}: ${stateCounts(style, await steps.counts(now.id)) || 'nothing'} so far.`,
        )
      else say(style.dim(`Run ${now.id} · ${now.title ?? now.name}`))
      timer = setInterval(tick, block ? DRAW_EVERY : SUM_EVERY).unref()
      if (block) process.stderr.on('resize', draw)
    },
    committed(changes) {
      for (const one of progress.apply(changes)) say(...feed.ended(one))
      for (const step of progress.open.values()) {
        const { waitingFor } = step
        if (waitingFor?.for !== 'person' || asked.has(waitingFor.request) || !run) continue
        asked.add(waitingFor.request)
        say(
          `${style.yellow('?')} ${step.name} waits for a person.`,
          `  ${style.dim('next')}  ${style.cyan(fromHere(root, answerCommand(run.id, waitingFor.request), server))}`,
        )
      }
    },
    logged(line) {
      if (line.level === 'warn') warnings += 1
      if (line.level === 'debug' && process.env['SLUICE_LOG'] !== 'debug') return
      const step = progress.open.get(line.step)
      const title = step && titleOf(step)
      say(logText(style, line, title ? `${title.name}${title.detail === '' ? '' : ` ${title.detail}`}` : ''))
    },
    output(text, stream) {
      const shared = stream === 'stderr' || results.isLive
      if (block && timer && shared) above.push(...text.replace(/\n$/, '').split('\n'))
      else process[stream].write(text)
    },
    note: (level, text) => say(logText(style, { level, message: text, data: null }, '')),
    blocked(ms) {
      if (toldBlocked) return
      toldBlocked = true
      const [step] = progress.open.values()
      const name = step ? `"${step.name}"` : 'The code'
      say(
        logText(
          style,
          {
            level: 'warn',
            message: `${name} has blocked its event loop for ${(ms / 1000).toFixed(1)} s: nothing else of this run goes on meanwhile.`,
            data: null,
          },
          '',
        ),
      )
      say(`      ${style.dim("→ task(name, { isolate: 'process' }, …) runs it in a process of its own.")}`)
    },
    canceling() {
      isCanceling = true
      if (!block) say(style.yellow('Canceling: steps that run get ten seconds to stop. Ctrl-C again stops at once.'))
      stubborn = setTimeout(() => {
        const names = [...progress.open.values()].filter(({ state }) => state === 'running').map(({ name }) => name)
        const some =
          names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
        say(
          style.yellow(
            `Still waiting for ${some || 'the code'}, which has not looked at its signal. Ctrl-C again stops it at once.`,
          ),
        )
      }, STUBBORN).unref()
    },
    async ended(now, answer) {
      say(...feed.summaries(true))
      stop()
      for (const line of endLines({
        style,
        progress,
        run: now,
        answer,
        placeOf,
        home,
        root,
        server,
        warnings,
        columns: terminal.columns,
      }))
        terminal.line(line)
    },
    inFlight: () =>
      [...progress.open.values()]
        .filter(({ state }) => state === 'running')
        .map((step) => `${step.name}${step.key === null ? '' : ` ${step.key}`}`),
    close: stop,
  }
}
