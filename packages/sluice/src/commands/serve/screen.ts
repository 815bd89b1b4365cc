import { type ScheduleSpec, type SensorSpec, type TickRecord, humanDuration, warningsOf } from '@sluice/core'
import { type Style, cutTo, oneLine, padded } from '../../terminal/style.ts'
import { localTime, zoneName } from '../../terminal/times.ts'
import { countOf } from '../../terminal/words.ts'
import { timetableText } from '../schedules/words.ts'

/** What `sluice dev` tells once its code is loaded, or could not be. */
export interface Scene {
  readonly url: string
  /** Of the location. */
  readonly name: string
  /** Relative to the project. */
  readonly entries: readonly string[]
  /** Nouns and how many; `null`: no code could be loaded yet. */
  readonly counts: Readonly<Record<string, number>> | null
  readonly problem: { readonly code: string; readonly message: string } | null
  readonly schedules: readonly SceneSchedule[]
  readonly sensors: readonly SceneSensor[]
  /** The first ones of so many. */
  readonly conditions: readonly SceneCondition[]
  readonly conditionCount: number
  /** Of the server itself. */
  readonly problems: readonly string[]
  readonly running: number
  readonly waiting: number
}
export interface SceneSchedule {
  readonly name: string
  readonly spec: Pick<ScheduleSpec, 'timetable' | 'target'>
  readonly paused: boolean
  /** Milliseconds since 1970. */
  readonly next: number | null
  readonly last: Pick<TickRecord, 'outcome' | 'error'> | null
}
export interface SceneSensor {
  readonly name: string
  readonly spec: Pick<SensorSpec, 'on' | 'every'>
  readonly paused: boolean
  /** In a row. */
  readonly failures: number
  readonly last: Pick<TickRecord, 'error'> | null
}

export interface SceneCondition {
  readonly asset: string
  readonly check: string | null
  readonly label: string
  readonly paused: boolean
  readonly latest: { readonly error: { readonly message: string } | null } | null
}

/** As many as fit a screen beside the rest. */
const shown = 5

/** One screen: what is loaded, what comes next, what is wrong, where to look. `columns: 0` for no limit. */
export function sceneLines(scene: Scene, style: Style, columns: number, now: number): string[] {
  const parts: [string, readonly string[]][] = [
    ['loaded', [loadedText(scene, style)]],
    ['next', nextLines(scene, style, now)],
    ['sensors', sensorLines(scene, style)],
    ['renews', conditionLines(scene, style)],
    ['paused', pausedLines(scene)],
    ['wrong', wrongLines(scene, style)],
    ['runs', [`${scene.running} running, ${scene.waiting} waiting`]],
    ['open', [`${style.bold(`${scene.url}/`)}  ${style.dim('in a browser; the API: /api/reference')}`]],
  ]
  const lines = parts.flatMap(([title, texts]) =>
    texts.map((text, nth) => `  ${style.dim((nth === 0 ? title : '').padEnd(9))}${text}`),
  )
  return columns > 0 ? lines.map((line) => cutTo(line, columns)) : lines
}

/** `2 flows, 1 schedule`, the singular where there is one. */
export const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([noun, count]) => countOf(count, noun.replace(/s$/, '')))
    .join(', ')

function loadedText({ counts, name, entries }: Scene, style: Style): string {
  if (!counts) return style.yellow('nothing yet: save the code, and it is loaded again')
  return `${style.bold(name)}  ${countsText(counts) || 'no definitions'}  ${style.dim(entries.join(', '))}`
}

function nextLines({ schedules }: Scene, style: Style, now: number): string[] {
  const coming = schedules
    .flatMap((one) => (one.next === null ? [] : [{ ...one, next: one.next }]))
    .toSorted((a, b) => a.next - b.next)
  if (coming.length === 0) return [style.dim('nothing is scheduled')]
  const rows = coming.slice(0, shown).map(({ next, name, spec }) => ({
    when: momentText(next, now),
    name,
    target: `→ ${spec.target}`,
    what: timetableText(spec.timetable),
  }))
  const width = (of: 'when' | 'name' | 'target'): number => Math.max(...rows.map((row) => row[of].length))
  const [when, name, target] = [width('when'), width('name'), Math.min(width('target'), 30)]
  const lines = rows.map(
    (row) =>
      `${padded(row.when, when)}  ${style.bold(padded(row.name, name))}  ${padded(cutTo(row.target, target), target)}  ${style.dim(row.what)}`,
  )
  const rest = coming.length - rows.length
  return rest > 0 ? [...lines, style.dim(`and ${rest} more: sluice schedules list`)] : lines
}

/** `in 6 h 12 min, Sun 02:30 CET`: the time where the reader is; from a week on the date. */
function momentText(at: number, now: number): string {
  const ahead = Math.max(0, at - now)
  const rough = ahead < 60_000 ? Math.ceil(ahead / 1000) * 1000 : Math.ceil(ahead / 60_000) * 60_000
  const date = localTime(at)
  const weekday = new Date(`${date.slice(0, 10)}T00:00Z`).toLocaleDateString('en', {
    weekday: 'short',
    timeZone: 'UTC',
  })
  const near = ahead < 6 * 86_400_000
  const clock = ahead < 60_000 ? date.slice(11) : date.slice(11, 16)
  const local = `${near ? weekday : date.slice(0, 10)} ${clock} ${zoneName(at)}`
  return `in ${humanDuration(rough).replace('.0 s', ' s')}, ${local}`
}

function sensorLines({ sensors }: Scene, style: Style): string[] {
  const names = sensors
    .filter(({ paused }) => !paused)
    .map(
      ({ name, spec }) =>
        style.bold(name) +
        style.dim(spec.on ? ' on events' : ` every ${humanDuration(spec.every).replace('.0 s', ' s')}`),
    )
  if (names.length === 0) return []
  return [...names.slice(0, shown), ...(names.length > shown ? [`and ${names.length - shown} more`] : [])]
    .join(', ')
    .split('\n')
}

/** `clean, mart eager`: what its condition makes again. */
function conditionLines({ conditions, conditionCount }: Scene, style: Style): string[] {
  const going = conditions.filter(({ paused }) => !paused)
  const groups = [...Map.groupBy(going, ({ label }) => label)].slice(0, shown)
  const lines = groups.map(([label, all]) => {
    const names = all.slice(0, shown).map(({ asset, check }) => (check === null ? asset : `${asset} ${check}`))
    const more = all.length - names.length
    return `${style.bold(names.join(', '))}${more > 0 ? ` and ${more} more` : ''} ${style.dim(label)}`
  })
  const seen = groups.reduce((sum, [, all]) => sum + all.length, 0) + conditions.length - going.length
  const rest = conditionCount - seen
  return rest > 0 ? [...lines, style.dim(`and ${rest} more: sluice conditions list`)] : lines
}

function pausedLines({ schedules, sensors, conditions }: Scene): string[] {
  const timed = [...schedules, ...sensors].filter(({ paused }) => paused).map(({ name }) => name)
  const names = [...timed, ...conditions.filter(({ paused }) => paused).map(({ asset }) => asset)]
  if (names.length === 0) return []
  return [names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ')]
}

function wrongLines({ problem, problems, schedules, sensors, conditions, counts }: Scene, style: Style): string[] {
  const bad = (text: string): string => `${style.red('✗')} ${oneLine(text)}`
  const odd = (text: string): string => `${style.yellow('!')} ${oneLine(text)}`
  const goesOn = counts ? ' (the version before goes on)' : ''
  const lines = [
    ...(problem ? [bad(`code: ${problem.code} ${problem.message}${goesOn}`)] : []),
    ...problems.map((text) => bad(`server: ${text}`)),
    ...sensors.flatMap(({ name, failures, last }) =>
      failures > 0 ? [bad(`sensor ${name} failed${times(failures)}: ${reasonOf(last)}`)] : [],
    ),
    ...schedules.flatMap(({ name, last }) =>
      last?.outcome === 'failed' ? [bad(`schedule ${name}: its last tick failed: ${reasonOf(last)}`)] : [],
    ),
    ...conditions.flatMap(({ asset, latest }) =>
      latest?.error ? [bad(`condition of ${asset}: ${latest.error.message}`)] : [],
    ),
    ...schedules.flatMap(({ name, spec }) =>
      warningsOf(spec.timetable).map((text) => odd(`schedule ${name}: ${text}`)),
    ),
  ]
  if (lines.length === 0) return [`${style.green('✓')} nothing`]
  return lines.length <= 2 * shown ? lines : [...lines.slice(0, 2 * shown), `and ${lines.length - 2 * shown} more`]
}

const times = (failures: number): string => (failures > 1 ? ` ${failures} times in a row` : '')

/** The message of the code, without what the line says already. */
const reasonOf = (tick: Pick<TickRecord, 'error'> | null): string =>
  tick?.error?.message.replace(/^(?:Sensor|Schedule) "[^"]*" failed: /, '') ?? 'no reason is known'
