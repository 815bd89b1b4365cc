/** A number from 0 to 2^32 - 1 that is always the same for the same text (FNV-1a, its bits mixed). Spreads; hides nothing. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/**
 * How much later than its tick a run starts, in milliseconds below `most`: the same for the same schedule and tick,
 * however often it is asked and by whichever server.
 */
export function jitterOf(schedule: string, tick: number, most: number): number {
  return most <= 0 ? 0 : hash(`${schedule}@${tick}`) % most
}
