// Ends with 0 where the server of this machine answers: a probe from outside would need the token.
const url = `http://127.0.0.1:${process.env.SLUICE_PORT ?? 4747}/api/health`
const headers = process.env.SLUICE_TOKEN ? { authorization: `Bearer ${process.env.SLUICE_TOKEN}` } : {}
const answer = await fetch(url, { headers, signal: AbortSignal.timeout(5000) }).catch((error) => error)
if (answer.status === 200) process.exit(0)
process.stderr.write(`${answer.status === undefined ? (answer.cause ?? answer) : `HTTP ${answer.status}`}\n`)
process.exit(1)
