import { type Asset, asset } from 'sluice'
import { expect, test } from 'vitest'
import { inWorld } from './world.ts'

test('a chain of 20,000 assets loads, is planned and runs, without recursion', async () => {
  const names = Array.from({ length: 20_000 }, (_, n) => `a${n}`)
  let last: Asset<number, undefined> | undefined
  for (const name of names) {
    const before: Asset<number, undefined> | undefined = last
    last = (before ? asset(name, { inputs: { before } }, ({ before: n }) => n + 1) : asset(name, () => 0)) as Asset<
      number,
      undefined
    >
  }
  await inWorld({}, async ({ execute, store, values }) => {
    const target = { kind: 'assets', selection: 'a19999', assets: names.toReversed(), partitions: null } as const
    expect((await execute(target, [last])).end).toMatchObject({ state: 'succeeded' })
    const [made] = await store.assets.latest([{ asset: 'a19999', partition: null }])
    expect(await values.read(last!, null, made!.value!)).toBe(19_999)
  })
})
