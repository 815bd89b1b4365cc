/** What can be known of a store's address without loading any driver. */
export { isPostgresUrl, shownUrl } from './postgres/address.ts'
