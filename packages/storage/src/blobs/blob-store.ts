import { fixed, type Session } from '../session.ts'

type Piece = { ref: string; piece: number }

const put = fixed<Piece & { text: string }>((db, { ref, piece, text }) =>
  db
    .insertInto('blobs')
    .values({ ref, piece, text })
    .onConflict((conflict) => conflict.columns(['ref', 'piece']).doUpdateSet({ text })),
)

const remove = fixed<{ ref: string }>((db, { ref }) => db.deleteFrom('blobs').where('ref', '=', ref))

export async function putBlob(session: Session, it: Piece & { readonly text: string }): Promise<void> {
  await session.run(put(session, { ref: it.ref, piece: it.piece, text: it.text }))
}

export async function removeBlobs(session: Session, refs: readonly string[]): Promise<void> {
  await session.each(
    remove,
    refs.map((ref) => ({ ref })),
  )
}

export async function blobPiece(session: Session, ref: string, piece: number): Promise<string | null> {
  const query = session.db.selectFrom('blobs').select('text').where('ref', '=', ref).where('piece', '=', piece)
  return (await session.all(query))[0]?.text ?? null
}

export async function listBlobs(
  session: Session,
  { prefix, after = '', limit = 1000 }: { prefix: string; after?: string; limit?: number },
): Promise<string[]> {
  const query = session.db
    .selectFrom('blobs')
    .select('ref')
    .where('piece', '=', 0)
    .where('ref', '>=', prefix)
    // The first text that does not begin with the prefix: no character sorts behind this one.
    .where('ref', '<', `${prefix}\u{10FFFF}`)
    .where('ref', '>', after)
    .orderBy('ref')
    .limit(Math.min(limit, 10_000))
  return (await session.all(query)).map(({ ref }) => ref)
}
