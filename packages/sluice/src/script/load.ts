import { type AnyPartitions, type Asset, SluiceError, currentCalls } from '@sluice/core'

/**
 * An asset's stored value, from any script: the newest one. A partitioned asset needs a key.
 *
 * @throws SluiceError VALUE_MISSING where it holds none, PARTITION_UNKNOWN where there is no such key.
 */
export function load<T, P extends AnyPartitions | undefined>(
  asset: Asset<T, P>,
  ...partition: P extends AnyPartitions ? [partition: string] : []
): Promise<T> {
  const calls = currentCalls()
  if (!calls) return Promise.reject(new SluiceError('INTERNAL', 'load() was called where nothing runs Sluice code.'))
  return calls.load(asset, partition[0]) as Promise<T>
}
