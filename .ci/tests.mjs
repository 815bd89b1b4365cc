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

const all = [...files.values()]
const sumOf = (of) => all.reduce((sum, file) => sum + of(file), 0)
const failing = all.filter(bad).map(({ name }) => relative(process.cwd(), name))
const passed = sumOf(({ assertionResults: cases }) => cases.filter((each) => each.status === 'passed').length)
process.stdout.write(what === 'failed' ? `${failing.join(' ')}\n` : `${passed} ${sumOf(bad)}\n`)
