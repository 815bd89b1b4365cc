import { flow, task } from 'sluice'

const large = task('large', (n: number) => String(n).repeat(100 * 2 ** 20))

// A result of 100 MB: journaled by reference, and read back by a run that goes on.
const whole = flow('whole', async () => (await large(7)).length)

process.stdout.write(`${await whole()}\n`)
