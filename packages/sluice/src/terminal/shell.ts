const plain = /^[\w./:=…,@+-]+$/

/** A command that can be copied into a shell. */
export const commandOf = (...words: readonly string[]): string =>
  words.map((word) => (plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')

/** The command that shows a value of an asset. */
export const valueCommand = (asset: string, partition: string | null): string =>
  commandOf('sluice', 'assets', 'value', asset, ...(partition === null ? [] : ['--partition', partition]))
