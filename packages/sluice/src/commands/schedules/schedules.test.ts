import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Ended, type RealProject, realProject } from '../../../fixtures/real-project.ts'
import { type ServedProject, preamble, servedProject } from '../../../fixtures/served-project.ts'

const definitions = `
import { readdirSync } from 'node:fs'
import { daily, dynamic, schedule, sensor, skip } from 'sluice'
export const sync = flow('sync', { params: z.object({ region: z.string().default('eu') }) }, ({ region }) => region)
export const failing = flow('failing', () => { throw new Error('it had to be') })
export const sales = asset('sales', { partitions: daily({ start: '2026-01-01' }) }, (_, { partition }) => partition.key)
const customers = dynamic('customers')
export const orders = asset('orders', { partitions: customers }, (_, { partition }) => partition.key)
export const outside = asset('outside', () => 1)

export const all = [
  schedule('nightly', { cron: '30 2 * * *', timeZone: 'Europe/Madrid', target: sync, description: 'everything' }),
  schedule('days', { cron: '@daily', target: sales, jitter: '10m', catchUp: { all: 5 } }),
  schedule('asking', {
    every: '1d',
    target: sync,
    tags: { by: 'asking' },
    params: ({ scheduledFor }) => {
      const day = scheduledFor.toZonedDateTimeISO('UTC').dayOfWeek
      if (day === 7) return skip('nobody works on a Sunday')
      if (day === 6) throw new Error('no answer from the calendar')
      return ['eu', 'us'].map((region) => ({ params: { region }, tags: { region }, once: \`\${region} \${scheduledFor}\` }))
    },
  }),
  sensor('files', { targets: [sync, orders], every: '1s', cursor: z.object({ seen: z.number() }) }, async ({ cursor, launch, report }) => {
    const names = readdirSync('inbox').filter((name) => !name.startsWith('.')).toSorted().slice(cursor?.seen ?? 0)
    if (names.length === 0) return skip('nothing new')
    await customers.add(names)
    return {
      runs: names.flatMap((name) => [
        launch(sync, { params: { region: name }, once: name }),
        launch(orders, { partition: name, once: name + ' orders' }),
      ]),
      reports: names.map((name) => report(outside, { dataVersion: name })),
      cursor: { seen: (cursor?.seen ?? 0) + names.length },
    }
  }),
  sensor('after', { targets: [sync], on: { runs: 'failed', of: [failing] } }, ({ events, launch }) => ({
    runs: events.map(({ run }) => launch(sync, { params: { region: 'after ' + run }, once: run })),
  })),
  sensor('stuck', { targets: [sync], every: '1s', timeout: '1s', paused: true }, () => { for (;;); }),
  sensor('broken', { targets: [sync], every: '1s', paused: true }, () => { throw new Error('the vendor is away') }),
]
`

describe('sluice schedules and sensors, of a server', () => {
  let project: ServedProject
  beforeAll(async () => {
    project = await servedProject(definitions, { files: { 'inbox/.keep': '' } })
  })
  afterAll(() => project.remove())
  /** What a command printed; it ended well. */
  const say = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await tell(...args)
    expect([exitCode, stderr]).toEqual([0, ''])
    return stdout
  }
  const tell = (...args: string[]): Promise<Ended> =>
    project.sluice(args, { env: { SLUICE_SERVER: project.url, COLUMNS: '120' } })

  test('list and show say when each ticks next, what it launches and where it is from', async () => {
    const listed = await say('schedules')
    expect(listed).toMatch(/^next +schedule +when +target +last +from\n/)
    expect(listed).toMatch(/nightly +30 2 \* \* \* Europe\/Madrid +sync +code/)
    const shown = await say('schedules', 'show', 'days')
    expect(shown).toMatch(/next +in .+ \d{4}-\d\d-\d\d 00:00:00 UTC\n/)
    expect(shown).toContain('all, at most 5')
    expect(shown).toContain('up to 10 min')
    expect(shown).toMatch(/code of real-project, .*pipeline\.ts:\d+/)
    expect(await say('schedules', 'show', 'nightly')).toContain('nightly  everything\n')
    const unknown = await tell('schedules', 'show', 'nihgtly')
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringMatching(/NOT_FOUND.*"nihgtly"[^]*nightly/)])
  })

  test('a trial says what a tick would launch, skip or fail with, and launches nothing', async () => {
    const at = (time: string) => tell('schedules', 'test', 'asking', '--at', time)
    const workday = await at('2026-01-05')
    expect(workday.stdout).toContain('asking at 2026-01-05 00:00:00 UTC; nothing is launched.')
    expect(workday.stdout).toMatch(
      /launch sync {2}\{"region":"us"\} {2}once us 2026-01-05T00:00:00Z {2}by=asking {2}region=us/,
    )
    expect((await at('2026-01-04')).stdout).toContain('It would skip: nobody works on a Sunday')
    const failed = await at('2026-01-03')
    expect([failed.exitCode, failed.stderr]).toEqual([
      1,
      expect.stringMatching(/TICK_FAILED.*no answer from the calendar/),
    ])
    expect(await say('schedules', 'test', 'days', '--at', '2026-01-05')).toContain('sales  partition 2026-01-04')
    const wrong = await at('soon')
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('--at takes a time, not soon.')])
    expect(
      (await project.client.runs.list({ name: 'sync' })).runs.filter(({ cause }) => cause.name === 'asking'),
    ).toEqual([])
  })

  test('a schedule is made at run time, ticks, is changed, paused over a deploy, and removed', async () => {
    const set = (...more: string[]) => tell('schedules', 'set', 'mine', '--target', 'sync', ...more)
    const made = await set('--every', '1s', '--param', 'region=5', '--tag', 'team=b')
    expect(made.stdout).toMatch(/^mine: every 1 s, next .* UTC\. Deploys do not touch it\.\n$/)
    await expect
      .poll(() => say('schedules', 'ticks', 'mine', '--outcome', 'launched'), { timeout: 90_000 })
      .toMatch(/✓ launched +r/)
    const [run] = (await project.client.runs.list({ name: 'sync' })).runs.filter(({ cause }) => cause.name === 'mine')
    // A text that is a number stays one, because the flow takes texts.
    expect(run).toMatchObject({ params: '{"region":"5"}', tags: { team: 'b' } })
    expect(await say('schedules', 'pause', 'mine')).toContain('also after a deploy')
    await say('schedules', 'pause', 'nightly')
    const { active } = (await project.client.locations.list()).locations[0]!
    await project.write({
      'more.ts': 'export const more = 1',
      'pipeline.ts': `${preamble}${definitions}\nexport const later = flow('later', () => 1)\n`,
    })
    await expect
      .poll(async () => (await project.client.locations.list()).locations[0]!.active, { timeout: 60_000 })
      .not.toBe(active)
    const listed = await say('schedules', 'list')
    expect(listed).toMatch(/paused +mine .* run time/)
    expect(listed).toMatch(/paused +nightly .* code/)
    expect(await say('schedules', 'resume', 'nightly', '--as-code')).toMatch(
      /goes on from now, as the code says: next in /,
    )
    expect(await say('schedules', 'resume', 'mine')).toMatch(/goes on from now: next /)
    expect((await set('--cron', '0 0 31 2 *', '--json')).stdout).toContain('names a day that never comes')
    expect(await say('schedules', 'show', 'mine')).toMatch(/next +never\n[^]*made at run time/)
    expect(await say('schedules', 'remove', 'mine')).toContain('its ticks stay in the history')
    expect(await say('schedules', 'ticks', 'mine', '--limit', '1')).toContain('✓ launched')
  })

  const refused = [
    [['--cron', '61 * * * *'], 3, 'CRON_INVALID'],
    [[], 3, 'has one of cron, every and rrule, and this has 0'],
    [['--cron', '@daily', '--param', 'regoin=eu'], 2, 'PARAMS_'],
    [['--cron', '@daily', '--catch-up', '0'], 2, '--catch-up takes none, latest, all or a number'],
    [['--cron', '@daily', '--target', 'synk'], 2, 'Did you mean sync?'],
    [['--cron', '@daily', '--name-it', 'nightly'], 2, "unknown option '--name-it'"],
  ] as const
  test('what cannot be set is refused with the reason', async () => {
    const told = await Promise.all(
      refused.map(([args]) => tell('schedules', 'set', 'wrong', '--target', 'sync', ...args)),
    )
    for (const [nth, [args, code, why]] of refused.entries()) {
      const { exitCode, stderr } = told[nth]!
      expect([args, exitCode, stderr.toLowerCase()]).toEqual([args, code, expect.stringContaining(why.toLowerCase())])
    }
  })

  test('what code defines is neither overwritten nor removed', async () => {
    for (const args of [
      ['set', 'nightly', '--target', 'sync', '--cron', '@daily'],
      ['remove', 'nightly'],
    ]) {
      const { exitCode, stderr } = await tell('schedules', ...args)
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('defined by')])
    }
  })

  test('sensors: what a look would do, what it does, and what came of it', async () => {
    expect(await say('sensors', 'test', 'files')).toContain('It would skip: nothing new')
    await say('sensors', 'pause', 'files')
    await project.write({ 'inbox/acme': '', 'inbox/bolt': '' })
    const tried = await say('sensors', 'test', 'files')
    expect(tried).toContain('It would launch sync  {"region":"acme"}  once acme\n')
    expect(tried).toContain('It would launch orders  partition bolt  once bolt orders\n')
    expect(tried).toContain('It would report a materialization of outside\n')
    expect(tried).toContain('It would add to customers: acme, bolt\n')
    expect(tried).toContain('Its cursor would be {"seen":2}\n')
    expect(await say('sensors', 'test', 'files', '--cursor', '{"seen":1}')).not.toContain('acme')
    expect((await tell('sensors', 'test', 'files', '--cursor', '{"seen":"x"}')).stderr).toMatch(
      /PARAMS_INVALID.*cursor.*seen/,
    )
    expect((await tell('sensors', 'test', 'files', '--cursor', '{"se')).exitCode).toBe(2)
    expect(await say('sensors', 'resume', 'files')).toContain('from its cursor on')
    await expect
      .poll(() => say('sensors', 'show', 'files'), { timeout: 90_000 })
      .toMatch(/cursor +\{"seen":2\}\n[^]*launched.*2 partition keys changed/)
    await expect
      .poll(async () => (await project.client.runs.list({ name: 'orders' })).runs.length, { timeout: 90_000 })
      .toBe(2)
    expect(await say('sensors', 'ticks', '--outcome', 'skipped', '--limit', '1')).toMatch(
      /files +↷ skipped +nothing new/,
    )
  })

  test('sensors: on events, and those that fail', async () => {
    const { id } = await project.ended(await project.launch('failing'))
    const after = async () => (await project.client.runs.list({ name: 'sync' })).runs.map(({ params }) => params)
    await expect.poll(after, { timeout: 90_000 }).toContain(`{"region":"after ${id}"}`)
    expect(await say('sensors')).toMatch(/on events +after +on runs failed of failing +sync/)
    const tried = await tell('sensors', 'test', 'broken')
    expect([tried.exitCode, tried.stderr]).toEqual([1, expect.stringMatching(/TICK_FAILED.*the vendor is away/)])
    await say('sensors', 'resume', 'broken')
    await expect.poll(() => say('sensors', 'list'), { timeout: 90_000 }).toMatch(/broken .* \d in a row +✗ failed/)
    await expect
      .poll(project.printed, { timeout: 90_000 })
      .toMatch(/Sensor "broken" failed, and looks again in 5 s: the vendor is away\n/)
    await say('sensors', 'resume', 'stuck')
    await expect
      .poll(() => say('sensors', 'ticks', 'stuck', '--outcome', 'failed'), { timeout: 60_000 })
      .toContain('gave no answer within 1 s')
    // Its process is ended, and others are asked as before.
    expect(await say('sensors', 'test', 'files', '--cursor', '{"seen":1}')).toContain('once bolt')
  })
})

describe('sluice schedules and sensors, of a file', () => {
  let project: RealProject
  beforeEach(async () => {
    project = await realProject()
    await project.write({ 'pipeline.ts': preamble + definitions, 'inbox/acme': '' })
  })
  afterEach(() => project.remove())
  // An address where nobody answers.
  const nowhere = { SLUICE_SERVER: 'http://127.0.0.1:9' }

  test('preview marks the hour that is taken away and the one that comes twice', async () => {
    const preview = async (...args: string[]) =>
      (await project.sluice(['schedules', 'preview', 'nightly', 'pipeline.ts', ...args])).stdout
    expect(await preview('--from', '2026-03-28', '--to', '2026-03-31')).toBe(`\
nightly  30 2 * * * Europe/Madrid
  Sat 2026-03-28 02:30:00 +01:00
  ── clocks go from 02:00 to 03:00 on 2026-03-29 ──
  Sun 2026-03-29 03:00:00 +02:00  02:30 does not exist on this day
  Mon 2026-03-30 02:30:00 +02:00
`)
    expect(await preview('--from', '2026-10-24', '--to', '2026-10-26', '--tz', 'America/New_York')).toBe(`\
nightly  30 2 * * * Europe/Madrid
  ── clocks in Europe/Madrid go from 03:00 back to 02:00 on 2026-10-25 ──
  Sat 2026-10-24 21:30:00 -04:00  02:30 in Europe/Madrid comes twice on this day: the second
  Sun 2026-10-25 21:30:00 -04:00
`)
    const json = JSON.parse(await preview('--from', '2026-03-29', '--limit', '1', '--json')) as object
    expect(json).toMatchObject({
      ticks: [{ daylight: 'gap', meant: '2026-03-29T02:30:00' }],
      changes: [{ kind: 'gap' }],
    })
  })

  test('tests ask the code of the file, without a server', async () => {
    const schedule = await project.sluice(['schedules', 'test', 'days', 'pipeline.ts', '--at', '2026-02-01'])
    expect(schedule.stdout).toContain('It would launch sales  partition 2026-01-31\n')
    const sensor = await project.sluice(['sensors', 'test', 'files', 'pipeline.ts', '--json'])
    expect(JSON.parse(sensor.stdout)).toMatchObject({
      keys: [{ name: 'customers', add: ['acme'] }],
      runs: [{ target: 'sync' }, { target: 'orders' }],
    })
    const broken = await project.sluice(['sensors', 'test', 'broken', 'pipeline.ts'])
    expect([broken.exitCode, broken.stderr]).toEqual([
      1,
      expect.stringMatching(/the vendor is away\n +at pipeline\.ts:\d+/),
    ])
  })

  const mistakes = [
    [['schedules', 'preview', 'nightyl', 'pipeline.ts'], 2, 'Did you mean nightly?'],
    [['schedules', 'preview', 'nightly', 'pipeline.ts', '--from', 'x'], 2, '--from takes a time, not x.'],
    [['schedules', 'preview', 'nightly', 'pipeline.ts', '--limit', '0'], 2, '--limit takes a whole number from 1 on'],
    [['schedules', 'preview', 'nightly', 'pipeline.ts', '--tz', 'Mars'], 3, 'There is no time zone "Mars".'],
    [['schedules', 'preview', 'nightly', 'nowhere.ts'], 3, 'There is no file nowhere.ts.'],
    [['schedules', 'preview', 'nightly'], 4, 'No server answers at http://127.0.0.1:9.'],
    [['schedules', 'list'], 4, 'Start one with: sluice dev.'],
    [['schedules', 'ticks', '--outcome', 'odd'], 2, 'Allowed choices are launched, skipped, failed, missed'],
  ] as const
  test('what is wrong is told', async () => {
    const told = await Promise.all(mistakes.map(([args]) => project.sluice(args, { env: nowhere })))
    for (const [nth, [args, code, why]] of mistakes.entries()) {
      const { exitCode, stderr } = told[nth]!
      expect([args, exitCode, stderr]).toEqual([args, code, expect.stringContaining(why)])
    }
  })
})
