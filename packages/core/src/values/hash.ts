/*
 * SHA-256 (FIPS 180-4) over text, without a dependency, because it must be synchronous (no `crypto.subtle`), run in a
 * browser (no `node:crypto`) and cost less than a microsecond for the short texts that a step's identity is made of.
 * A fast hash that is not cryptographic would be quicker still, but arguments come from outside, and whoever finds
 * two with one hash would be given the other's cached result.
 */

const K = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
])
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const pairs = Array.from({ length: 4096 }, (_, bits) => letters[bits >> 6]! + letters[bits & 63]!)
const encoder = new TextEncoder()
const words = new Int32Array(64)
const START = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])
const state = new Int32Array(8)
let bytes = new Uint8Array(4096)

/** The first 128 bits of the SHA-256 of the text's UTF-8, as 22 characters of base64url. */
export function hash(text: string): string {
  if (bytes.length < text.length * 3 + 72) bytes = new Uint8Array(text.length * 3 + 72)
  const end = pad(write(text))
  state.set(START)
  for (let at = 0; at < end; at += 64) block(at)
  if (bytes.length > 1 << 20) bytes = new Uint8Array(4096)
  return base64url()
}

/** Short ASCII by hand: a call of the encoder costs more than the whole text. */
function write(text: string): number {
  if (text.length > 200) return encoder.encodeInto(text, bytes).written
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code > 127) return encoder.encodeInto(text, bytes).written
    bytes[at] = code
  }
  return text.length
}

/** One bit, zeros, and the length in bits as the last eight bytes, of which a text's length needs five. */
function pad(length: number): number {
  const end = (length + 72) & ~63
  bytes.fill(0, length, end)
  bytes[length] = 0x80
  bytes[end - 5] = length / 0x20000000
  bytes[end - 4] = length >>> 21
  bytes[end - 3] = length >>> 13
  bytes[end - 2] = length >>> 5
  bytes[end - 1] = length << 3
  return end
}

function block(start: number): void {
  for (let t = 0, at = start; t < 16; t += 1, at += 4) {
    words[t] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }
  for (let t = 16; t < 64; t += 1) {
    const x = words[t - 15]!
    const y = words[t - 2]!
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    words[t] = (words[t - 16]! + s0 + words[t - 7]! + s1) | 0
  }
  let a = state[0]!,
    b = state[1]!,
    c = state[2]!,
    d = state[3]!
  let e = state[4]!,
    f = state[5]!,
    g = state[6]!,
    h = state[7]!
  for (let t = 0; t < 64; t += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const one = (h + s1 + (g ^ (e & (f ^ g))) + K[t]! + words[t]!) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const two = (s0 + ((a & b) ^ (c & (a ^ b)))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
  state[5]! += f
  state[6]! += g
  state[7]! += h
}

/** The first four words, twelve bits at a time; the last eight bits as if zeros followed. */
function base64url(): string {
  const a = state[0]!,
    b = state[1]!,
    c = state[2]!,
    d = state[3]!
  return (
    pairs[a >>> 20]! +
    pairs[(a >>> 8) & 4095]! +
    pairs[((a & 255) << 4) | (b >>> 28)]! +
    pairs[(b >>> 16) & 4095]! +
    pairs[(b >>> 4) & 4095]! +
    pairs[((b & 15) << 8) | (c >>> 24)]! +
    pairs[(c >>> 12) & 4095]! +
    pairs[c & 4095]! +
    pairs[d >>> 20]! +
    pairs[(d >>> 8) & 4095]! +
    pairs[(d & 255) << 4]!
  )
}
