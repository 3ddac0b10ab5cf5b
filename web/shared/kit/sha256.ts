/** SHA-256 in hex. Browsers have it only on pages that came safely; an office may be served by plain http inside. */

export async function sha256(data: ArrayBuffer): Promise<string> {
  const subtle = (crypto as Partial<Crypto>).subtle
  return hexOf(subtle ? new Uint8Array(await subtle.digest('SHA-256', data)) : plainSha256(new Uint8Array(data)))
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** FIPS 180-4, by the book. */
export function plainSha256(data: Uint8Array): Uint8Array {
  const hash = Uint32Array.from(START)
  const padded = paddedOf(data)
  const words = new Uint32Array(64)
  for (let at = 0; at < padded.byteLength; at += 64) {
    schedule(words, padded, at)
    mix(hash, words)
  }
  const out = new DataView(new ArrayBuffer(32))
  hash.forEach((word, i) => out.setUint32(i * 4, word))
  return new Uint8Array(out.buffer)
}

function paddedOf(data: Uint8Array): DataView {
  const bytes = new Uint8Array((((data.length + 8) >> 6) + 1) << 6)
  bytes.set(data)
  bytes[data.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setUint32(bytes.length - 8, Math.floor(data.length / 2 ** 29))
  view.setUint32(bytes.length - 4, (data.length << 3) >>> 0)
  return view
}

function schedule(words: Uint32Array, block: DataView, at: number): void {
  for (let i = 0; i < 16; i++) words[i] = block.getUint32(at + i * 4)
  for (let i = 16; i < 64; i++) {
    const [a, b] = [words[i - 15]!, words[i - 2]!]
    const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)
    const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10)
    words[i] = words[i - 16]! + low + words[i - 7]! + high
  }
}

function mix(hash: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i]! + words[i]!
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    ;[a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, i) => void (hash[i]! += word))
}

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** The first 32 bits of the fractions of roots of the first primes. */
const fractionOf = (root: number): number => Math.floor((root % 1) * 2 ** 32)
const PRIMES = Array.from({ length: 312 }, (_, n) => n).filter((n) => n > 1 && !Array.from({ length: n - 2 }, (_, i) => i + 2).some((by) => n % by === 0))
const START = PRIMES.slice(0, 8).map((prime) => fractionOf(Math.sqrt(prime)))
const ROUNDS = PRIMES.slice(0, 64).map((prime) => fractionOf(Math.cbrt(prime)))
