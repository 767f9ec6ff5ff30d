// Reads a large JSON text from its start to its end, piece by piece, so that no piece keeps the page's thread for long. Its
// caller says which lists and objects are entered; `JSON.parse` reads the small values in them, and others are passed over.

/** Called now and then with the position; rejects to stop. @typedef {(at: number) => Promise<void> | void} Pause */

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [ZERO, NINE] = [48, 57];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [91, 93, 123, 125];
/** Bytes between two calls of `pause`, which take less than a millisecond. */
const STRETCH = 65_536;
/** Parsing takes about as long as passing over this many times the bytes. */
const PARSING = 8;
/** A value that is parsed at once takes a few milliseconds. */
const MAX_SMALL_BYTES = 262_144;
const MAX_SPACE_BYTES = 65_536;
const MAX_SCALAR_BYTES = 64;
const MAX_FIELDS = 1000;

/** The text is not JSON. */
export class JsonFault extends Error {}

/** @type {(byte: number | undefined) => boolean} */
const is_space = (byte) => byte === 32 || byte === 10 || byte === 13 || byte === 9;

export class JsonCursor {
  #bytes;
  #pause;
  #at;
  #worked = 0; // bytes since the last pause
  #decoder = new TextDecoder();

  /** @param {Uint8Array} bytes in UTF-8 @param {Pause} pause */
  constructor(bytes, pause) {
    this.#bytes = bytes;
    this.#pause = pause;
    const has_mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.#at = has_mark ? 3 : 0;
    this.#pass_space();
  }

  /** Where the next value begins. */
  get at() {
    return this.#at;
  }

  /** Goes to a value that was passed over. @param {number} at */
  go_to(at) {
    this.#at = at;
  }

  is_list() {
    return this.#bytes[this.#at] === LIST;
  }

  is_object() {
    return this.#bytes[this.#at] === OBJECT;
  }

  /** Nothing must follow. */
  end() {
    this.#pass_space();
    if (this.#at !== this.#bytes.length) throw new JsonFault();
  }

  /** The text from `start` to here. @param {number} start */
  text_from(start) {
    return this.#decoder.decode(this.#bytes.subarray(start, this.#at));
  }

  /** Passes over the next value. */
  async pass() {
    const bytes = this.#bytes;
    const first = bytes[this.#at];
    if (first !== QUOTE && first !== LIST && first !== OBJECT) return this.#pass_scalar();
    let [depth, is_text, at] = [0, false, this.#at];
    do {
      const from = at;
      const until = Math.min(at + STRETCH, bytes.length);
      do {
        const byte = bytes[at];
        if (byte === QUOTE) is_text = !is_text;
        else if (is_text) at += byte === BACKSLASH ? 1 : 0;
        else if (byte === LIST || byte === OBJECT) depth += 1;
        else if (byte === LIST_END || byte === OBJECT_END) depth -= 1;
        at += 1;
      } while ((depth > 0 || is_text) && at < until);
      if ((depth > 0 || is_text) && at >= bytes.length) throw new JsonFault();
      await this.#work(at - from, at);
    } while (depth > 0 || is_text);
    this.#at = at;
  }

  /** The next value; undefined if it is too large to be parsed at once.
   * @param {number} [most] bytes @returns {Promise<any>} */
  async value(most = MAX_SMALL_BYTES) {
    const start = this.#at;
    await this.pass();
    const length = this.#at - start;
    if (length > most) return undefined;
    await this.#work(PARSING * length, this.#at);
    try {
      return JSON.parse(this.text_from(start));
    } catch {
      throw new JsonFault();
    }
  }

  /** The fields of the next value, an object: those of `readers` are read by them, the others parsed.
   * @param {Record<string, () => Promise<unknown>>} [readers] @returns {Promise<any>} */
  async fields(readers = {}) {
    if (!this.is_object()) return this.value();
    const found = Object.create(null); // a field may have any name
    let count = 0;
    await this.#each(OBJECT_END, async () => {
      if (this.#bytes[this.#at] !== QUOTE || ++count > MAX_FIELDS) throw new JsonFault();
      const key = String(await this.value());
      this.#pass_byte(COLON);
      found[key] = await (Object.hasOwn(readers, key) ? readers[key]?.() : this.value());
    });
    return found;
  }

  /** The first values of a list as `read` reads them, and how many there are, counted up to `stop`; null if the next value
   * is not a list.
   * @template T
   * @param {number} most @param {number} stop @param {(place: number) => Promise<T>} read
   * @returns {Promise<{ found: T[], count: number } | null>} */
  async list(most, stop, read) {
    if (!this.is_list()) return this.pass().then(() => null);
    /** @type {T[]} */
    const found = [];
    let count = 0;
    await this.#each(LIST_END, async () => {
      if (count < most) found.push(await read(count));
      else await this.pass();
      count += 1;
      return count < stop;
    });
    return { found, count };
  }

  /** How many whole numbers a list holds; null if the next value is anything else. @returns {Promise<number | null>} */
  async counts() {
    const bytes = this.#bytes;
    if (!this.is_list()) return this.pass().then(() => null);
    let count = 0;
    let is_open = true; // a number may begin
    for (let at = this.#at + 1; at < bytes.length;) {
      const from = at;
      for (const until = Math.min(at + STRETCH, bytes.length); at < until; at += 1) {
        const byte = bytes[at] ?? 0;
        if (byte >= ZERO && byte <= NINE) {
          count += is_open ? 1 : 0;
          is_open = false;
        } else if (byte === COMMA && !is_open) is_open = true;
        else if (byte === LIST_END) {
          this.#at = at + 1;
          return count > 0 && is_open ? null : count;
        } else if (!is_space(byte)) return this.pass().then(() => null);
      }
      await this.#work(at - from, at);
    }
    throw new JsonFault();
  }

  /** Calls `read` at each value up to the closing bracket, or until it returns false.
   * @param {number} close @param {() => Promise<boolean | void>} read */
  async #each(close, read) {
    this.#at += 1;
    this.#pass_space();
    if (this.#bytes[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      if (await read() === false) return;
      this.#pass_space();
      if (this.#bytes[this.#at] === close) {
        this.#at += 1;
        return;
      }
      this.#pass_byte(COMMA);
    }
  }

  /** @param {number} byte between two values */
  #pass_byte(byte) {
    this.#pass_space();
    if (this.#bytes[this.#at] !== byte) throw new JsonFault();
    this.#at += 1;
    this.#pass_space();
  }

  #pass_space() {
    const start = this.#at;
    while (is_space(this.#bytes[this.#at])) this.#at += 1;
    if (this.#at - start > MAX_SPACE_BYTES) throw new JsonFault();
  }

  /** Passes over a number or a word. */
  #pass_scalar() {
    const start = this.#at;
    for (; this.#at < this.#bytes.length; this.#at += 1) {
      const byte = this.#bytes[this.#at];
      if (is_space(byte) || byte === COMMA || byte === COLON || byte === LIST_END || byte === OBJECT_END) break;
    }
    if (this.#at === start || this.#at - start > MAX_SCALAR_BYTES) throw new JsonFault();
  }

  /** @param {number} bytes just read @param {number} at */
  #work(bytes, at) {
    this.#worked += bytes;
    if (this.#worked < STRETCH) return undefined;
    this.#worked = 0;
    return this.#pause(at);
  }
}
