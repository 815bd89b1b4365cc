import { asset } from 'sluice'
import { z } from 'zod'
import { materializeHere } from './materialize-here.ts'

const rows = Number(process.env['CHAOS_ROWS'])
const text = 'sixteen letters.'.repeat(1_024)

/** 16 KiB a row, each of its own text. */
const up = asset('up', { columns: z.object({ n: z.number(), text: z.string() }) }, async function* () {
  for (let n = 0; n < rows; n++) yield { n, text: `${n} ${text}` }
})
const down = asset('down', { inputs: { up } }, async ({ up: table }) => {
  let [count, length] = [0, 0]
  for await (const row of table.rows()) {
    if (row.n !== count++ || !row.text.startsWith(`${row.n} `)) throw new Error(`Row ${count} is another one.`)
    length += row.text.length
  }
  return { count, length }
}).checks({ all: { blocking: true, run: ({ value }) => ({ passed: value.count === rows }) } })

await materializeHere([up, down], [])
process.stdout.write(`peak ${process.resourceUsage().maxRSS}\n`)
