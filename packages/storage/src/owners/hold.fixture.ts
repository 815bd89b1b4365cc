import { holdOwner } from './owner-lock.ts'

// A process that holds an owner's lock until it is killed.
const { id } = holdOwner(process.argv[2]!)
gc!() // must not take the lock along
process.send!(id)
setInterval(() => {}, 60_000)
