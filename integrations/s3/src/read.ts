import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { SluiceError, type Table, decode } from '@sluice/core'
import type { Place } from './upload.ts'

/** @throws SluiceError VALUE_MISSING, or STORE_FAILED where S3 cannot be asked. */
export async function readObject(client: S3Client, place: Place, name: string) {
  try {
    const { Body: body } = await client.send(new GetObjectCommand(place))
    if (body) return body
  } catch (cause) {
    throw unreachable(name, place, cause)
  }
  throw unreachable(name, place, Object.assign(new Error('It has no body.'), { name: 'NoSuchKey' }))
}

export function unreachable(name: string, { Bucket, Key }: Place, cause: unknown): SluiceError {
  const at = `s3://${Bucket}/${Key}`
  if (cause instanceof SluiceError) return cause
  if ((cause as Error).name === 'NoSuchKey')
    return new SluiceError('VALUE_MISSING', `The object that held the value of "${name}" is gone: ${at}.`, {
      cause,
      hint: `sluice materialize ${name} makes it again.`,
    })
  return new SluiceError(
    'STORE_FAILED',
    `The value of "${name}" could not be read from ${at}: ${(cause as Error).message}`,
    {
      cause,
      hint: 'Look at bucket, endpoint and credentials of s3() in sluice.config.ts.',
      retryable: true,
    },
  )
}

/** Rows are read when they are asked for, a piece at a time. */
export function tableOf(client: S3Client, place: Place, name: string): Table<unknown> {
  async function* rows({ limit = Infinity }: { limit?: number } = {}): AsyncGenerator<unknown> {
    if (limit <= 0) return
    let count = 0
    const body = (await readObject(client, place, name)) as unknown as Readable
    try {
      for await (const line of linesOf(body, name, place)) {
        yield decode(line)
        if (++count >= limit) return
      }
    } finally {
      body.destroy()
    }
  }
  return { name, rows, toArray: () => Array.fromAsync(rows()) }
}

async function* linesOf(body: Readable, name: string, place: Place): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      const text = decoder.write(chunk)
      // A line of many megabytes is put together once, not looked through again with every piece of it.
      const end = text.lastIndexOf('\n')
      if (end < 0) {
        rest += text
        continue
      }
      yield* (rest + text.slice(0, end)).split('\n')
      rest = text.slice(end + 1)
    }
  } catch (cause) {
    throw unreachable(name, place, cause)
  }
}
