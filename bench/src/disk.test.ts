import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isInMemory, mountOf, openDisk } from './disk.ts'

const mounts = `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:25 / /dev/shm rw,nosuid - tmpfs tmpfs rw
31 22 8:1 / /data rw shared:1 - xfs /dev/sda1 rw
`

test('the deepest mount that holds the folder names the file system', () => {
  expect(mountOf(mounts, '/data/stores')).toBe('xfs on /dev/sda1')
  expect(mountOf(mounts, '/database')).toBe('ext4 on /dev/vda')
})

test('a folder on a disk is made, and taken away', () => {
  const disk = openDisk(undefined)
  expect(existsSync(disk.folder)).toBe(true)
  disk.close()
  expect(existsSync(disk.folder)).toBe(false)
})

test('file systems in memory are told from those on a disk, also where their number comes negative', () => {
  expect([0x01021994, 0x858458f6, 0x858458f6 | 0].map(isInMemory)).toEqual([true, true, true])
  expect([0xef53, 0x58465342, 0x9123683e].map(isInMemory)).toEqual([false, false, false])
})
