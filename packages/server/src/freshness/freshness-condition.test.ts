import { asset, collect, snapshotOf, when } from '@sluice/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Looking, MINUTE, openLooking } from '../fixtures/looking.ts'
import { openFreshnessPass } from './freshness-pass.ts'

let the: Looking
beforeEach(async () => {
  the = await openLooking('2026-01-01T12:00:00Z')
})
afterEach(() => the.close())

test('a condition may ask for freshness: what is late is made again, once each time', async () => {
  const a = asset('a', { freshness: { within: '10m' }, condition: when.freshness('failed').newlyTrue() }, () => 1)
  await the.its.deploy([a])
  const snapshot = snapshotOf(collect([a]))
  const locations = { active: async () => [{ location: 'main', version: 'v1', snapshot }] }
  const watch = openFreshnessPass({ store: the.its.store, locations, now: () => the.its.now })
  const live = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute++) {
      await watch()
      await the.after(MINUTE)
    }
  }
  await the.make('a')
  await live(9)
  expect(await the.targets()).toEqual([])
  await live(4)
  expect(await the.targets()).toEqual(['a'])
  await the.work()
  await live(9)
  expect(await the.targets()).toEqual(['a'])
  // A server that begins now knows how fresh it is.
  the.conditions = the.its.conditions()
  await live(5)
  expect(await the.targets()).toEqual(['a', 'a'])
})
