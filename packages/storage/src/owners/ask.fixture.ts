import { ownerIsAlive } from './owner-lock.ts'

process.send!(ownerIsAlive(process.argv[2]!, process.argv[3]!))
process.disconnect!()
