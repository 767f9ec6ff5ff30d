// Whether a file holds weights or a scan, by its name or its first bytes.

const EXTENSIONS = /\.(pth|pt|safetensors|bin|ckpt)$/i;
/** The first entry of PyTorch's ZIP files, in a folder named after the file. Any other ZIP is a scan. */
const PYTORCH_RECORD = /\/(data\.pkl|constants\.pkl|\.format_version|byteorder|version|data\/\d+)$/;
const MAX_HEADER_BYTES = 100 * 1024 * 1024; // the limit that the safetensors format sets

/** @type {(file: File) => Promise<boolean>} */
export async function is_weights(file) {
  if (EXTENSIONS.test(file.name)) return true;
  const head = await file.slice(0, 512).arrayBuffer().catch(() => new ArrayBuffer(0));
  return begins_like_weights(new Uint8Array(head), file.size);
}

/** @type {(head: Uint8Array, size: number) => boolean} */
export function begins_like_weights(head, size) {
  const is_pickle = head[0] === 0x80 && head[1] === 2; // an old PyTorch file
  return PYTORCH_RECORD.test(first_of_zip(head)) || is_pickle || begins_like_safetensors(head, size);
}

/** The name of a ZIP's first file (APPNOTE 4.3.7); empty if it is not a ZIP. @type {(head: Uint8Array) => string} */
function first_of_zip(head) {
  const [first, second, third, fourth] = head;
  if (head.length < 30 || first !== 0x50 || second !== 0x4b || third !== 3 || fourth !== 4) return "";
  const length = new DataView(head.buffer, head.byteOffset).getUint16(26, true);
  return new TextDecoder().decode(head.subarray(30, 30 + length));
}

/** Whether the file begins with a header length in 8 bytes and a JSON header.
 * @type {(head: Uint8Array, size: number) => boolean} */
function begins_like_safetensors(head, size) {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  return length > 1n && length <= MAX_HEADER_BYTES && Number(length) + 8 <= size;
}
