import { SluiceError } from '../errors/sluice-error.ts'

/** A number of bytes: `'512 MB'`, `'1.5 GB'`. 1 KB is 1,024 bytes. */
export type Size = `${number} ${'KB' | 'MB' | 'GB'}`

const units: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

/**
 * A size in whole bytes.
 *
 * @throws SluiceError DEFINITION_INVALID where the text is no size.
 */
export function bytesOf(size: Size): number {
  const match = /^(\d+(?:\.\d+)?) (KB|MB|GB)$/.exec(size)
  if (match) return Math.round(Number(match[1]) * units[match[2]!]!)
  throw new SluiceError('DEFINITION_INVALID', `${JSON.stringify(size)} is no size.`, {
    hint: "Write a number, a space, and a unit of KB, MB or GB: '512 MB', '1.5 GB'.",
  })
}
