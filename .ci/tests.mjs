// What Vitest's reports say: `failed REPORT` names the files in which something failed; `count REPORT [LATER]` counts what
// passed and what did not, by the later report where a file is in both.
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'

const [what, ...reports] = process.argv.slice(2)
const files = new Map()
for (const report of reports.filter((path) => existsSync(path)))
  for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) files.set(file.name, file)

// A file that could not be loaded has no cases; a test that did not run has not passed.
const bad = ({ status, assertionResults: cases }) =>
  cases.length === 0 ? Number(status === 'failed') : cases.filter((each) => each.status !== 'passed').length

if (what === 'failed')
  console.log(
    [...files.values()]
      .filter(bad)
      .map(({ name }) => relative(process.cwd(), name))
      .join(' '),
  )
else {
  const all = [...files.values()]
  const cases = all.reduce((sum, { assertionResults }) => sum + assertionResults.length, 0)
  const failed = all.reduce((sum, file) => sum + bad(file), 0)
  console.log(cases - all.reduce((sum, file) => sum + Math.min(bad(file), file.assertionResults.length), 0), failed)
}
