// Engines in several workers that encode one image together: what crates/sam/src/team.rs asks of a member, on shared memory.
// Each engine has its own module and memory; only the rows of maps that one has computed for the others are shared.
//
// Words of the shared memory: whether the team is broken; for each member, whether it is gone, and the last map that it has
// read to its end; for each part of two maps, for which map and by whom it was taken, and whether it was given. Then the
// values of two maps: while some members still read one, others write the next.

const MAX_MEMBERS = 16;
/** Parts of a map. */
const MAX_PARTS = 64;
/** Maps of one encoding; the largest encoder has 130. */
const MAX_MAPS = 1024;

/** Encodings of a team: a part's word holds the map's number, which counts on. */
export const MAX_ENCODINGS = Math.floor(2 ** 31 / (2 * MAX_MEMBERS * MAX_MAPS)) - 1;

const BROKEN = 0;
const GONE = 1;
const READ = GONE + MAX_MEMBERS;
const PARTS = READ + MAX_MEMBERS;
const WORDS = PARTS + 2 * MAX_PARTS;

/** A part's word. @type {(map: number, rank: number, is_given: boolean) => number} */
const word_of = (map, rank, is_given) => (map * MAX_MEMBERS + rank) * 2 + Number(is_given);
/** @type {(word: number) => { map: number, rank: number, is_given: boolean }} */
const read_word = (word) => ({
  map: Math.floor(word / (2 * MAX_MEMBERS)), rank: (word >> 1) % MAX_MEMBERS, is_given: word % 2 === 1,
});

/** A member counts as gone after this many times what the slowest own part took, but not before LEAST_WAIT_MS: a busy
 * machine may hold up a worker. Chosen by hand. */
const PATIENCE = 20;
const LEAST_WAIT_MS = 2000;
/** How often a waiting member looks whether the other one is gone. A computer that sleeps counts for one such time. */
const LOOK_MS = 50;

/** @typedef {import("../../boxel-bindings.js").Team} Bound */

/** One member's view of its team. Each engine has its own, on the same shared memory. */
/** @implements {Bound} */
export class Team {
  #words;
  #maps;
  #capacity;
  #rank;
  #members;
  #map = 0;
  #parts = 0;
  #next = 0;
  #slowest_ms = 0;
  #taken_at = 0;

  /** Memory for a team whose largest map has this many values.
   * @type {(values: number) => SharedArrayBuffer} */
  static memory(values) {
    return new SharedArrayBuffer(4 * (WORDS + 2 * values));
  }

  /** @param {SharedArrayBuffer} memory @param {number} rank 0 to members − 1 @param {number} members */
  constructor(memory, rank, members) {
    if (members > MAX_MEMBERS) throw new RangeError(`a team has up to ${MAX_MEMBERS} members, not ${members}`);
    const values = (memory.byteLength / 4 - WORDS) / 2;
    this.#words = new Int32Array(memory, 0, WORDS);
    /** @type {(i: number) => Float32Array} */
    const map = (i) => new Float32Array(memory, 4 * (WORDS + i * values), values);
    this.#maps = { even: map(0), odd: map(1) };
    this.#capacity = values;
    this.#rank = rank;
    this.#members = members;
  }

  /** Joins an encoding, counted from 1. All members join before one begins.
   * @param {number} encoding */
  join(encoding) {
    this.#map = encoding * MAX_MAPS;
    this.#slowest_ms = 0;
    this.#set(READ + this.#rank, this.#map);
  }

  /** Says that a member is gone: nobody waits for it any more. From the next map on nothing is shared, because a member
   * that is only slow may still write; the next encoding needs new memory. @param {number} rank */
  drop(rank) {
    Atomics.store(this.#words, BROKEN, 1);
    this.#set(GONE + rank, 1);
  }

  /** Whether a member was dropped. */
  is_broken() {
    return Atomics.load(this.#words, BROKEN) === 1;
  }

  /** Whether the member, by default this one, was dropped. @param {number} [rank] */
  is_gone(rank = this.#rank) {
    return Atomics.load(this.#words, GONE + rank) === 1;
  }

  members() {
    return this.#members;
  }

  /** @param {number} parts @param {number} values */
  begin(parts, values) {
    if (parts > MAX_PARTS || values > this.#capacity) return false;
    this.#map += 1;
    this.#parts = parts;
    this.#next = 0;
    // The map before the last one has the same place.
    for (let rank = 0; rank < this.#members; rank += 1) {
      this.#wait(READ + rank, (read) => read >= this.#map - 2, () => rank);
    }
    return !this.is_broken();
  }

  /** @returns {number | undefined} */
  take() {
    const taken = word_of(this.#map, this.#rank, false);
    for (; this.#next < this.#parts; this.#next += 1) {
      const part = this.#word(this.#next);
      const before = Atomics.load(this.#words, part);
      if (read_word(before).map === this.#map) continue;
      if (Atomics.compareExchange(this.#words, part, before, taken) !== before) continue;
      this.#taken_at = performance.now();
      return this.#next;
    }
    return undefined;
  }

  /** @param {number} part @param {number} offset @param {Float32Array} values */
  give(part, offset, values) {
    this.#slowest_ms = Math.max(this.#slowest_ms, performance.now() - this.#taken_at);
    this.#here.set(values, offset);
    this.#set(this.#word(part), word_of(this.#map, this.#rank, true));
  }

  /** @param {number} part @param {number} offset @param {Float32Array} values */
  receive(part, offset, values) {
    const owner = () => read_word(Atomics.load(this.#words, this.#word(part))).rank;
    if (!this.#wait(this.#word(part), (word) => read_word(word).is_given, owner)) {
      this.#taken_at = performance.now();
      return false;
    }
    values.set(this.#here.subarray(offset, offset + values.length));
    return true;
  }

  end() {
    this.#set(READ + this.#rank, this.#map);
  }

  get #here() {
    return this.#map % 2 ? this.#maps.odd : this.#maps.even;
  }

  /** @param {number} part */
  #word(part) {
    return PARTS + (this.#map % 2) * MAX_PARTS + part;
  }

  /** @param {number} word @param {number} value */
  #set(word, value) {
    Atomics.store(this.#words, word, value);
    Atomics.notify(this.#words, word);
  }

  /** Waits until a word is as it should be. `false`: the member that it waits for is gone, or counts as gone from now on.
   * @param {number} word @param {(value: number) => boolean} is_right @param {() => number} owner */
  #wait(word, is_right, owner) {
    const looks = Math.max(LEAST_WAIT_MS, PATIENCE * this.#slowest_ms) / LOOK_MS;
    for (let looked = 0; ;) {
      const value = Atomics.load(this.#words, word);
      if (is_right(value)) return true;
      const rank = owner();
      if (rank === this.#rank || this.is_gone(rank)) return false;
      if (looked > looks) {
        this.drop(rank);
        return false;
      }
      if (Atomics.wait(this.#words, word, value, LOOK_MS) === "timed-out") looked += 1;
    }
  }
}
