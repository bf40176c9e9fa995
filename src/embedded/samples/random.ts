/**
 * A small seeded generator (mulberry32): the same seed gives the same numbers on every machine. For sample data
 * only; nothing secret comes from it.
 */
export class SeededRandom {
  #state: number;

  constructor(seed: number, purpose = "") {
    this.#state = seed >>> 0;
    // Each table draws from a sequence of its own, so that a change in one leaves the others as they are.
    for (const character of purpose) {
      this.#state = Math.imul(this.#state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    }
  }

  /** A number from 0 to just below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    const item = items[this.integer(0, items.length - 1)];
    // Null is an item like any other; undefined is only what the type cannot rule out.
    return item === undefined ? items[0] : item;
  }

  hex(digits: number): string {
    let text = "";
    while (text.length < digits)
      text += Math.floor(this.next() * 2 ** 32)
        .toString(16)
        .padStart(8, "0");
    return text.slice(0, digits);
  }

  /** A version 4 UUID (RFC 9562). */
  uuid(): string {
    const variant = this.pick(["8", "9", "a", "b"]);
    return [this.hex(8), this.hex(4), `4${this.hex(3)}`, variant + this.hex(3), this.hex(12)].join("-");
  }
}
