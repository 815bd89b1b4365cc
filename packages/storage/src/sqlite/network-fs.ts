/** `f_type` of statfs(2) on Linux, for file systems whose locks or shared memory do not reach every machine. */
const linux: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xfe534d42: 'SMB2',
  0xff534d42: 'CIFS',
  0x01021997: '9P',
  0x5346414f: 'AFS',
  0x6b414653: 'AFS',
  0x00c36400: 'Ceph',
  0x0bd00bd0: 'Lustre',
  0x47504653: 'GPFS',
  0x73757245: 'Coda',
  0x564c: 'NCP',
  0x786f4256: 'VirtualBox',
}

/**
 * The name of the network file system that the path is on, or `null`. On Windows the path tells (`\\server\share`); on
 * macOS the numbers differ from machine to machine, and nothing is refused.
 */
export function networkFileSystem(path: string, platform: NodeJS.Platform, type: number): string | null {
  if (platform === 'win32') return /^\\\\(?![.?]\\)/.test(path) ? 'a network share' : null
  return platform === 'linux' ? (linux[type] ?? null) : null
}
