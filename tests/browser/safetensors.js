// Reads and writes safetensors files: an 8-byte length, a JSON header, the tensors' bytes.

import { readFileSync } from "node:fs";

/** @typedef {{ dtype: string, shape: number[], bytes: Uint8Array }} Tensor */

/** @type {(path: string) => Record<string, Tensor>} */
export function read_safetensors(path) {
  const file = readFileSync(path);
  const header_length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, 8 + header_length));
  const data = file.subarray(8 + header_length);
  delete header.__metadata__;
  return Object.fromEntries(Object.entries(header).map(([name, { dtype, shape, data_offsets: [from, to] }]) =>
    [name, { dtype, shape, bytes: new Uint8Array(data.subarray(from, to)) }]));
}

/** The file of a header and its tensors' bytes. @type {(header: object, bytes: Uint8Array) => Buffer} */
export function safetensors_of(header, bytes) {
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, bytes]);
}
