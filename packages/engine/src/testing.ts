/** Contract suites for what implements the engine's ports. They need Vitest, and only tests load them. */
export { storeContract, type OpenStore } from './store/store.contract.ts'
