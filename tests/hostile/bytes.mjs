// Builds bytes by hand, and streams that unpack to far more than their own size.

import { constants, crc32, deflateRawSync } from "node:zlib";

const MIB = 1 << 20;

/** Numbers of the given width, low byte first. @type {(bytes: 1 | 2 | 4, ...numbers: number[]) => Buffer} */
export function le(bytes, ...numbers) {
  const made = Buffer.alloc(bytes * numbers.length);
  numbers.forEach((number, at) => made.writeUIntLE(number < 0 ? number + 2 ** (8 * bytes) : number, at * bytes, bytes));
  return made;
}

/** Numbers of the given width, high byte first. @type {(bytes: 1 | 2 | 4, ...numbers: number[]) => Buffer} */
export function be(bytes, ...numbers) {
  return Buffer.concat(numbers.map((number) => le(bytes, number).reverse()));
}

/** A copy with other bytes at an offset. @type {(file: Buffer, offset: number, bytes: Uint8Array) => Buffer} */
export function patched(file, offset, bytes) {
  const copy = Buffer.from(file);
  copy.set(bytes, offset);
  return copy;
}

/** Noise that is the same in every run: a linear congruential generator (Numerical Recipes). */
export function noise(/** @type {number} */ length) {
  let state = 1;
  return Buffer.from(Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  }));
}

/** A raw deflate stream of some bytes, followed by other bytes many times. @type {(start: Buffer, repeated: Buffer, times: number) => Buffer} */
export function deflated_repeats(start, repeated, times) {
  // A full flush ends on a byte and refers to no earlier data, so the pieces can be repeated.
  const piece = (/** @type {Buffer} */ bytes) => deflateRawSync(bytes, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  const again = piece(repeated);
  const last = Buffer.from([0x03, 0x00]);
  return Buffer.concat([piece(start), ...Array.from({ length: times }, () => again), last]);
}

/**
 * A raw deflate stream of some bytes and then zeros by the MiB: about a thousandth of what it unpacks to.
 * @type {(start: Buffer, mebibytes: number) => Buffer}
 */
export function deflated_bomb(start, mebibytes) {
  return deflated_repeats(start, Buffer.alloc(MIB), mebibytes);
}

/** A zlib stream of zeros alone, with its checksum. @type {(mebibytes: number) => Buffer} */
export function zlib_bomb(mebibytes) {
  // Adler-32 of n zeros: the sum stays 1, and the sum of sums is n.
  const adler = be(2, (mebibytes * MIB) % 65521, 1);
  return Buffer.concat([Buffer.from([0x78, 0xda]), deflated_bomb(Buffer.alloc(0), mebibytes), adler]);
}

/** A gzip file of some bytes followed by zeros, with its checksum and length. @type {(start: Buffer, mebibytes: number) => Buffer} */
export function gzip_bomb(start, mebibytes) {
  const zeros = Buffer.alloc(MIB);
  let crc = crc32(start);
  for (let done = 0; done < mebibytes; done += 1) crc = crc32(zeros, crc);
  const length = (start.length + mebibytes * MIB) % 2 ** 32;
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
  return Buffer.concat([header, deflated_bomb(start, mebibytes), le(4, crc, length)]);
}
