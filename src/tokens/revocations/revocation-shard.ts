/** A slot: three words of the key, when it expires, the generation. */
const SLOT_WORDS = 5;
const EXPIRES = 3;
const GENERATION = 4;

/** What EXPIRES says in a slot that holds nothing; every word of a key may be zero. */
const EMPTY = 0;

const LEAST_SLOTS = 4;

/**
 * A hash table in one typed array: open addressing, linear probing, between 8/15 and 8/10 full unless it is very small.
 *
 * It knows no clock: a **horizon**, in seconds since 1970 and at least 1, comes with each call, and what
 * expires before it counts for nothing. Such entries keep their slots until the table is built anew, which
 * happens before it grows and when it is swept.
 */
export class RevocationShard {
  #words = new Uint32Array(LEAST_SLOTS * SLOT_WORDS);
  #size = 0;

  /** How many slots are taken. */
  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** The generation of a key's entry, 0 without one. */
  generationOf(first: number, second: number, third: number, horizon: number): number {
    const at = this.#find(first, second, third);
    return this.#isLive(at, horizon) ? this.#word(at + GENERATION) : 0;
  }

  /** Takes an entry in; of two with the same key, the later expiry and the higher generation. */
  add(
    first: number,
    second: number,
    third: number,
    expires: number,
    generation: number,
    horizon: number,
  ): void {
    const at = this.#slotFor(first, second, third, horizon);
    const lives = this.#isLive(at, horizon);
    this.#words[at] = first;
    this.#words[at + 1] = second;
    this.#words[at + 2] = third;
    this.#words[at + EXPIRES] = lives ? Math.max(expires, this.#word(at + EXPIRES)) : expires;
    this.#words[at + GENERATION] = lives ? Math.max(generation, this.#word(at + GENERATION)) : generation;
  }

  /** Drops what has expired and gives back room that is not needed; returns how many entries went. */
  sweep(horizon: number): number {
    const before = this.#size;
    if (this.#countLive(horizon) < before) this.#rebuild(horizon, this.#words.length / SLOT_WORDS);
    return before - this.#size;
  }

  /** Where a key's slot begins, or a new one for it, for which the table may have to grow. */
  #slotFor(first: number, second: number, third: number, horizon: number): number {
    const at = this.#find(first, second, third);
    if (this.#word(at + EXPIRES) !== EMPTY) return at;
    const isFull = this.#isFull();
    if (isFull) this.#rebuild(horizon, Number.POSITIVE_INFINITY);
    this.#size += 1;
    return isFull ? this.#find(first, second, third) : at;
  }

  /** Where a key's slot begins; that of the empty slot to put it in, where it has none. One is always empty. */
  #find(first: number, second: number, third: number): number {
    const words = this.#words;
    let at = homeOf(second, words.length / SLOT_WORDS);
    while (words[at + EXPIRES] !== EMPTY) {
      if (words[at] === first && words[at + 1] === second && words[at + 2] === third) return at;
      at += SLOT_WORDS;
      if (at === words.length) at = 0;
    }
    return at;
  }

  /** Whether one more would make it more than 8/10 full. */
  #isFull(): boolean {
    return (this.#size + 1) * SLOT_WORDS * 10 > this.#words.length * 8;
  }

  /** Moves what lives to a new table, half as large again as what lives needs, but of no more than `mostSlots`. */
  #rebuild(horizon: number, mostSlots: number): void {
    const old = this.#words;
    this.#size = this.#countLive(horizon);
    const slots = Math.max(LEAST_SLOTS, Math.ceil((this.#size * 15) / 8));
    this.#words = new Uint32Array(Math.min(slots, mostSlots) * SLOT_WORDS);
    for (let from = 0; from < old.length; from += SLOT_WORDS) {
      if ((old[from + EXPIRES] ?? EMPTY) >= horizon) this.#copy(old, from);
    }
  }

  #copy(old: Uint32Array, from: number): void {
    const to = this.#find(old[from] ?? 0, old[from + 1] ?? 0, old[from + 2] ?? 0);
    for (let word = 0; word < SLOT_WORDS; word += 1) this.#words[to + word] = old[from + word] ?? 0;
  }

  #countLive(horizon: number): number {
    let live = 0;
    for (let at = 0; at < this.#words.length; at += SLOT_WORDS) if (this.#isLive(at, horizon)) live += 1;
    return live;
  }

  /** False of an empty slot too, as a horizon is at least 1. */
  #isLive(at: number, horizon: number): boolean {
    return this.#word(at + EXPIRES) >= horizon;
  }

  #word(at: number): number {
    return this.#words[at] ?? 0;
  }
}

/** Where the search for a key begins. A product instead of a remainder: it costs less and takes any number of slots. */
function homeOf(word: number, slots: number): number {
  return Math.floor((word * slots) / 0x1_0000_0000) * SLOT_WORDS;
}
