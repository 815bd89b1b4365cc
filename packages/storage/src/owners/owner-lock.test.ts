import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holdOwner, ownerIsAlive, removeDeadOwners } from './owner-lock.ts'

let home: string
const children: ChildProcess[] = []
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-owner-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

async function owner(): Promise<{ child: ChildProcess; id: string }> {
  const child = fork(new URL('../fixtures/hold-owner.ts', import.meta.url), [home], {
    execArgv: ['--conditions=@sluice/source', '--expose-gc'],
  })
  children.push(child)
  const [id] = (await once(child, 'message')) as [string]
  return { child, id }
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

test('is alive in its own process until it is released', () => {
  const mine = holdOwner(home)
  expect(ownerIsAlive(home, mine.id)).toBe(true)
  expect(ownerIsAlive(home, mine.id)).toBe(true) // asking has freed nothing
  mine.release()
  mine.release()
  expect(ownerIsAlive(home, mine.id)).toBe(false)
  expect(readdirSync(join(home, 'owners'))).toEqual([])
})

test('one that never was is not alive', () => {
  expect(ownerIsAlive(home, 'onone')).toBe(false)
  expect(removeDeadOwners(home)).toEqual([])
})

test('another process is alive, also while it is stopped, and dead when it is killed', async () => {
  const { child, id } = await owner()
  expect(ownerIsAlive(home, id)).toBe(true)
  child.kill('SIGSTOP')
  expect(ownerIsAlive(home, id)).toBe(true)
  expect(removeDeadOwners(home)).toEqual([])
  await killed(child) // a stopped process dies of SIGKILL
  expect(ownerIsAlive(home, id)).toBe(false)
})

test('the file of a killed owner stays until it is removed; those of the living stay', async () => {
  const dead = await owner()
  const living = await owner()
  const mine = holdOwner(home)
  await killed(dead.child)
  expect(existsSync(join(home, 'owners', `${dead.id}.lock`))).toBe(true)
  expect(removeDeadOwners(home)).toEqual([dead.id])
  expect(readdirSync(join(home, 'owners')).toSorted()).toEqual([`${living.id}.lock`, `${mine.id}.lock`].toSorted())
  expect(ownerIsAlive(home, living.id)).toBe(true)
  mine.release()
})

test('a process does not free its lock by asking about others', async () => {
  const { id } = await owner()
  const mine = holdOwner(home)
  expect(ownerIsAlive(home, id)).toBe(true)
  removeDeadOwners(home)
  const asked = fork(new URL('../fixtures/ask-owner.ts', import.meta.url), [home, mine.id], {
    execArgv: ['--conditions=@sluice/source'],
  })
  expect(await once(asked, 'message')).toEqual([true, undefined])
  mine.release()
})

test('an id cannot lead out of the folder', () => {
  writeFileSync(join(home, 'outside.lock'), '')
  expect(ownerIsAlive(home, '../outside')).toBe(false)
  expect(existsSync(join(home, 'outside.lock'))).toBe(true)
})
