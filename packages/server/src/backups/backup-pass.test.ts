import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BackupSettings, type Snapshot, serverSettingsOf, settingsOf } from '@sluice/core'
import { type Store, newRun } from '@sluice/engine'
import { check, openBackups, openSqliteStore, restore } from '@sluice/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { incidentOf } from '../alerts/incident.ts'
import { backupDue } from './backup-due.ts'
import { openBackupPass } from './backup-pass.ts'

const minute = 60_000
const hour = 60 * minute
const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds

describe('when a copy is due', () => {
  const every = { every: 6 * hour }
  const cron = { cron: '0 3 * * *', timeZone: 'Europe/Madrid' }

  test('at once, and so long after the last', () => {
    expect(backupDue(every, null, 5)).toBe(5)
    expect(backupDue(every, 1000, 5)).toBe(1000 + 6 * hour)
  })

  test('at the times of a cron; what was missed is due once, as soon as a server is there', () => {
    expect(backupDue(cron, null, at('2026-01-01T12:00Z'))).toBe(at('2026-01-02T02:00Z'))
    expect(backupDue(cron, at('2026-01-02T02:00:03Z'), 0)).toBe(at('2026-01-03T02:00Z'))
    expect(backupDue(cron, at('2026-01-02T02:00:03Z'), at('2026-01-20T00:00Z'))).toBe(at('2026-01-03T02:00Z'))
    expect(backupDue(cron, at('2026-01-20T00:00:01Z'), at('2026-01-20T00:00Z'))).toBe(at('2026-01-20T02:00Z'))
  })
})

describe('copies of a store that is written to', () => {
  let home: string
  let store: Store
  let time: number
  let said: string[]
  let backup: BackupSettings | null
  let pass: () => Promise<number>
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'sluice-backups-'))
    const path = join(home, 'sluice.db')
    store = await openSqliteStore({ path })
    time = at('2026-01-01T00:00Z')
    said = []
    backup = serverSettingsOf(settingsOf({ backup: { every: '1h', keep: 2 } }, 'dev', 'sluice.config.ts')).backup
    pass = openBackupPass({
      store,
      backups: openBackups(path),
      locations: {
        active: async () => [
          { location: 'shop', version: '1', snapshot: { settings: { backup } } as unknown as Snapshot },
        ],
      },
      now: () => time,
      say: (_, text) => said.push(text),
    })
  })
  afterEach(async () => {
    await store.close()
    await rm(home, { recursive: true })
  })
  const copies = () => readdir(join(home, 'backups'))
  let runs = 0
  const add = async (): Promise<void> => {
    const target = { kind: 'flow', name: 'f' } as const
    const rest = { params: null, title: null, tags: {}, entry: null, job: null, owners: [], terms: null, retryOf: null }
    await store.commit([
      { change: 'run.create', run: newRun({ target, ...rest, cause: { by: 'person' }, now: 1 + runs++ }) },
    ])
  }

  test('one when it is due, whole, and so many of them; what others put there stays', async () => {
    await mkdir(join(home, 'backups'))
    await writeFile(join(home, 'backups', 'mine.db'), '')
    await writeFile(join(home, 'backups', 'auto-2025-12-31T00-00-00-000Z.db.partial'), 'of one that was killed')
    await add()
    await pass()
    await pass()
    expect(await copies()).toEqual(['auto-2026-01-01T00-00-00-000Z.db', 'mine.db'])
    // Others go on writing while it is copied.
    let isWriting = true
    const writing = (async () => {
      for (; isWriting;) await add()
    })()
    for (const _ of [1, 2]) {
      time += hour
      await pass()
    }
    isWriting = false
    await writing
    expect(await copies()).toEqual(['auto-2026-01-01T01-00-00-000Z.db', 'auto-2026-01-01T02-00-00-000Z.db', 'mine.db'])
    const newest = join(home, 'backups', 'auto-2026-01-01T02-00-00-000Z.db')
    expect(check(newest)).toEqual([])
    expect(said).toHaveLength(3)
    expect(said[0]).toMatch(/^Backup .*auto-2026-01-01T00-00-00-000Z\.db \(\d+ kB\)\.$/)
    await store.close()
    await restore(newest, join(home, 'sluice.db'))
    store = await openSqliteStore({ path: join(home, 'sluice.db') })
    expect((await store.runs.list({ limit: 1000 })).length).toBeGreaterThan(0)
  })

  test('one that fails is an event each time, an incident once, and tried again later', async () => {
    backup = { ...backup!, folder: 'taken' }
    await writeFile(join(home, 'taken'), 'no folder')
    await pass()
    await pass()
    time += 10 * minute
    await pass()
    const events = await store.events.list({ types: ['backup.failed'] })
    expect(events.map(({ data }) => data)).toMatchObject([
      { location: 'shop', failures: 1, code: 'ENOTDIR' },
      { location: 'shop', failures: 2, code: 'ENOTDIR' },
    ])
    expect(said[0]).toContain('The backup failed: ')
    const incidents = events.map((event) => incidentOf(event, { run: null, before: null }))
    expect(incidents[1]).toBeNull()
    expect(incidents[0]).toMatchObject({ locations: ['shop'], message: { kind: 'backup.failed' } })
    expect(incidents[0]!.message.text).toMatch(/^The store could not be backed up\n\nENOTDIR /)
    await rm(join(home, 'taken'))
    time += 10 * minute
    await pass()
    expect(await readdir(join(home, 'taken'))).toHaveLength(1)
  })
})

test('a store that is no file has its own tools: it is said once', async () => {
  const said: string[] = []
  const snapshot = { settings: { backup: { when: { every: hour }, keep: 1, folder: 'b' } } } as unknown as Snapshot
  const pass = openBackupPass({
    store: { commit: async () => [] },
    backups: undefined,
    locations: { active: async () => [{ location: 'shop', version: '1', snapshot }] },
    now: () => 1,
    say: (_, text) => said.push(text),
  })
  await pass()
  await pass()
  expect(said).toEqual(['backup of "shop" is for a store in SQLite: PostgreSQL has its own tools.'])
})
