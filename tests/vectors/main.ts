import { existsSync } from 'node:fs'
import { runSet } from './run-set.ts'
import { evaluators, setsIn } from './sets.ts'

/** `npm run -s vectors -- DIR`: a line for each set, then what is not as expected; exit 1 if anything fails. */
const folder = process.argv[2]
if (folder === undefined || !existsSync(folder)) {
  process.stderr.write('Usage: npm run -s vectors -- DIR: a folder with *.json sets of cases.\n')
  process.exit(2)
}
for (const set of setsIn(folder)) {
  const evaluator = evaluators[set.name]
  if (!evaluator) {
    process.stdout.write(`${set.name} is not evaluated here\n`)
    process.exitCode = 1
    continue
  }
  const { name, passed, total, different, failed } = await runSet(set, evaluator)
  const apart = different.length > 0 ? `, ${different.length} different on purpose` : ''
  process.stdout.write(`${name} ${passed}/${total}${apart}\n`)
  for (const { id, section } of different) process.stdout.write(`  ${id} differs: docs/differences.md, "${section}"\n`)
  for (const { id, got, expected } of failed)
    process.stdout.write(
      `  ${id} failed\n    got      ${JSON.stringify(got)}\n    expected ${JSON.stringify(expected)}\n`,
    )
  if (failed.length > 0) process.exitCode = 1
}
