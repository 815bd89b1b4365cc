import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { type Rows, SluiceError, type WriteContext, rowEncoder } from '@sluice/core'

export interface Place {
  readonly Bucket: string
  readonly Key: string
}

/** S3 takes 10,000 parts: objects of 80 GB. So many are on their way at once, and as many are being made. */
const part = { partSize: 8 * 1024 * 1024, queueSize: 2 }
/** Characters that are put together before they go on. */
const chunk = 256 * 1024

/** Resolves when S3 has the whole object: it is there then, or not at all. */
export async function upload(
  client: S3Client,
  place: Place,
  value: unknown,
  context: WriteContext,
): Promise<{ bytes: number; rows: number | null }> {
  const { columns, name, signal } = context
  const counted = { bytes: 0, rows: columns ? 0 : (null as number | null) }
  const count = (text: string): Buffer => {
    const bytes = Buffer.from(text)
    counted.bytes += bytes.length
    return bytes
  }
  let failure: { readonly why: unknown } | undefined
  const pieces = async function* (): AsyncGenerator<Buffer> {
    try {
      const onRow = (): void => void (counted.rows = (counted.rows ?? 0) + 1)
      for await (const text of lines(value as Rows<unknown>, context, onRow)) yield count(text)
    } catch (why) {
      failure = { why }
      throw why
    }
  }
  const body = columns ? Readable.from(pieces(), { objectMode: false, highWaterMark: chunk }) : count(value as string)
  // Of an upload that is given up: it is told by `done` already.
  if (body instanceof Readable) body.on('error', () => {})
  const uploading = new Upload({ client, params: { ...place, Body: body }, ...part, leavePartsOnError: false })
  const abort = (): void => void uploading.abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    await uploading.done()
    return counted
  } catch (cause) {
    signal.throwIfAborted()
    // What the rows failed with, as it was thrown.
    if (failure) throw failure.why
    throw new SluiceError(
      'STORE_FAILED',
      `The value of "${name}" could not be written to s3://${place.Bucket}/${place.Key}: ${(cause as Error).message}`,
      { cause, hint: 'Look at bucket, endpoint and credentials of s3() in sluice.config.ts.', retryable: true },
    )
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function* lines(rows: Rows<unknown>, { name, columns, signal }: WriteContext, onRow: () => void) {
  const encoded = rowEncoder(name, columns!)
  let text = ''
  for await (const row of rows) {
    text += `${encoded(row)}\n`
    onRow()
    if (text.length < chunk) continue
    signal.throwIfAborted()
    yield text
    text = ''
  }
  if (text !== '') yield text
}
