// Is a file that the user hands over weights, or a scan? Its name or its first bytes say so.

const EXTENSIONS = /\.(pth|pt|safetensors|bin|ckpt)$/i;
const MAX_HEADER_BYTES = 100 * 1024 * 1024; // of a safetensors file: its own format allows no more

/** @type {(file: File) => Promise<boolean>} */
export async function is_weights(file) {
  if (EXTENSIONS.test(file.name)) return true;
  const head = await file.slice(0, 16).arrayBuffer().catch(() => new ArrayBuffer(0));
  return begins_like_weights(new Uint8Array(head), file.size);
}

/** @type {(head: Uint8Array, size: number) => boolean} */
export function begins_like_weights(head, size) {
  const [first, second, third, fourth] = head;
  const is_zip = first === 0x50 && second === 0x4b && third === 3 && fourth === 4; // a PyTorch file
  const is_pickle = first === 0x80 && second === 2; // an old PyTorch file
  return is_zip || is_pickle || begins_like_safetensors(head, size);
}

/** The header's length in 8 bytes, and then the header, which is JSON. @type {(head: Uint8Array, size: number) => boolean} */
function begins_like_safetensors(head, size) {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  return length > 1n && length <= MAX_HEADER_BYTES && Number(length) + 8 <= size;
}
