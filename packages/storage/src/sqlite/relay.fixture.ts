import { connectStore, ipcChannel, serveStore } from '@sluice/engine/store'

// A child that reaches stores of its parent, and serves each back to it: the RPC both ways, over real processes.
process.setMaxListeners(0)
process.on('message', (message) => {
  if (!Array.isArray(message) || message[0] !== 'relay') return
  serveStore(connectStore(ipcChannel(process, message[1])), ipcChannel(process, message[2]))
  process.send!(['ready', message[1]])
})
