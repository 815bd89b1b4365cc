import { DeleteObjectsCommand, S3Client, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import { type IoFactory, type IoManager, type Json, SluiceError, decode, placeOf, slotOf } from '@sluice/core'
import { readObject, tableOf, unreachable } from './read.ts'
import { upload } from './upload.ts'

export interface S3Options {
  readonly bucket: string
  /** What the keys begin with, in a bucket that others use too: `prefix: 'sluice'`. Default: nothing. */
  readonly prefix?: string
  /** Default: as the SDK of AWS finds it, or `us-east-1`. */
  readonly region?: string
  /** Of a server that speaks S3: MinIO, R2, Ceph. Default: that of AWS. */
  readonly endpoint?: string
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. Default: where an `endpoint` is given. */
  readonly pathStyle?: boolean
  /**
   * Default: as the SDK of AWS finds them: the role of the machine, or variables. A worker passes on only variables that
   * the project declares: name them by `env()` here.
   */
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
}

/** Where S3 deletes in one request. */
const atOnce = 1000

/**
 * Values in a bucket, which every machine can reach: `values: s3({ bucket: 'values' })`. A table is an object with an
 * encoded row a line, everything else one of encoded JSON. Rows stream in and out: a write holds four parts of 8 MB at
 * most. S3 keeps what it has acknowledged; a write that is given up leaves parts that a lifecycle rule of the bucket
 * (`AbortIncompleteMultipartUpload`) takes away.
 */
export function s3(options: S3Options): IoFactory {
  return { name: 's3', open: ({ readOnly }) => Promise.resolve(manager(options, readOnly)) }
}

function manager({ bucket, prefix = '', ...options }: S3Options, readOnly: boolean): IoManager {
  const { region, endpoint, pathStyle = endpoint !== undefined, credentials } = options
  const client = new S3Client({
    forcePathStyle: pathStyle,
    ...(region !== undefined ? { region } : endpoint !== undefined && { region: 'us-east-1' }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
  })
  const under = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
  // A reference is what `write` gave: the key below the prefix.
  const at = (ref: Json) => ({ Bucket: bucket, Key: `${under}${ref as string}` })
  return {
    name: 's3',
    sql: false,
    async write(value, context) {
      if (readOnly) throw new SluiceError('STORE_READ_ONLY', 'Values were opened for reading only.')
      const ref = placeOf(context)
      return { ref, ...(await upload(client, at(ref), value, context)) }
    },
    async read(ref, { name, columns }) {
      if (columns) return tableOf(client, at(ref), name)
      const body = await readObject(client, at(ref), name)
      try {
        return decode(await body.transformToString())
      } catch (cause) {
        throw unreachable(name, at(ref), cause)
      }
    },
    async remove(refs) {
      for (let from = 0; from < refs.length; from += atOnce) {
        const objects = refs.slice(from, from + atOnce).map((ref) => ({ Key: at(ref).Key }))
        const { Errors: errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
        )
        const [first] = errors.filter(({ Code }) => Code !== 'NoSuchKey')
        if (first)
          throw new SluiceError('STORE_FAILED', `${bucket}/${first.Key} could not be deleted: ${first.Message}.`)
      }
    },
    async *list() {
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: under })) {
        for (const { Key: key = '' } of Contents) {
          const slot = slotOf(key.slice(key.lastIndexOf('/') + 1))
          if (slot) yield { slot, ref: key.slice(under.length) }
        }
      }
    },
    close() {
      client.destroy()
      return Promise.resolve()
    },
  }
}
