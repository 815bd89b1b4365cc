import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alerts } from './contract/alerts.ts'
import { assets } from './contract/assets.ts'
import { backfills } from './contract/backfills.ts'
import { batches } from './contract/batches.ts'
import { conditions } from './contract/conditions.ts'
import { freshness } from './contract/freshness.ts'
import { history } from './contract/history.ts'
import { runReads } from './contract/run-reads.ts'
import { queue } from './contract/queue.ts'
import { create, id } from './contract/rows.ts'
import { runChanges } from './contract/runs.ts'
import { slices } from './contract/slices.ts'
import { stepChanges } from './contract/steps.ts'
import { ticks } from './contract/ticks.ts'
import { values } from './contract/values.ts'
import { workers } from './contract/workers.ts'
import type { Store } from './ports.ts'

/** A store to be tested: empty, and what takes it away again after it was closed. */
export interface OpenStore {
  readonly store: Store
  cleanUp?(): Promise<void> | void
}

/** What every store does, whatever holds it and however it is reached: every change, every read, every refusal. */
export function storeContract(name: string, open: () => Promise<OpenStore>): void {
  describe(`store: ${name}`, () => {
    let opened: OpenStore
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(async () => {
      await opened.store.close()
      await opened.cleanUp?.()
    })
    const the = () => opened.store

    describe('changes of runs', () => {
      runChanges(the)
    })
    describe('reads of runs', () => {
      runReads(the)
    })
    describe('steps', () => {
      stepChanges(the)
    })
    describe('batches, events and lines', () => {
      batches(the)
    })
    describe('assets and checks', () => {
      assets(the)
    })
    describe('slices of assets', () => {
      slices(the)
    })
    describe('the queue, limits and slots', () => {
      queue(the)
    })
    describe('workers and locations', () => {
      workers(the)
    })
    describe('schedules, sensors and their ticks', () => {
      ticks(the)
    })
    describe('freshness', () => {
      freshness(the)
    })
    describe('conditions', () => {
      conditions(the)
    })
    describe('alerts and what they tell of', () => {
      alerts(the)
    })
    describe('backfills', () => {
      backfills(the)
    })
    describe('partitions, cache and values', () => {
      values(the)
    })

    describe('history that is deleted', () => {
      history(the)
    })

    test('close waits for what was asked', async () => {
      const { store, cleanUp } = await open()
      const asked = [store.commit([create(1)]), store.runs.get(id(1))] as const
      await store.close()
      expect(await asked[0]).toEqual([{ ok: true }])
      expect((await asked[1])?.id).toBe(id(1))
      await cleanUp?.()
    })
  })
}
