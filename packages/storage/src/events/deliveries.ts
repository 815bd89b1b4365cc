import { sql } from 'kysely'
import { fixed, type Session } from '../session.ts'

const take = fixed<{ run: string; epoch: number; number: number }>((db, { run, epoch, number }) =>
  db
    .insertInto('deliveries')
    .values({ run, epoch, last: number })
    .onConflict((conflict) =>
      conflict
        .columns(['run', 'epoch'])
        .doUpdateSet({ last: sql.ref('excluded.last') })
        .where(sql<boolean>`excluded.last > deliveries.last`),
    ),
)

/** Is this numbered message of a run's holder new? What has no identity of its own (a line, an event) is told apart by it. */
export async function isNewDelivery(
  session: Session,
  run: string,
  epoch: number,
  number: number | undefined,
): Promise<boolean> {
  return number === undefined || (await session.run(take(session, { run, epoch, number }))) > 0
}
