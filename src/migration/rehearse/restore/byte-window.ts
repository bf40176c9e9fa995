const FIRST_CAPACITY = 2 ** 18;

/** The bytes that were read and not yet used, in one piece. Grows with the longest statement, not with the dump. */
export class ByteWindow {
  #memory = Buffer.allocUnsafe(FIRST_CAPACITY);
  #start = 0;
  #end = 0;

  /** Valid until the next `append`. */
  get bytes(): Buffer {
    return this.#memory.subarray(this.#start, this.#end);
  }

  append(chunk: Uint8Array): void {
    const used = this.#end - this.#start;
    if (this.#end + chunk.length > this.#memory.length) this.#makeRoom(used, used + chunk.length);
    this.#memory.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  drop(count: number): void {
    this.#start += count;
    if (this.#start < this.#end) return;
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(used: number, needed: number): void {
    let capacity = this.#memory.length;
    while (capacity < needed) capacity *= 2;
    const target = capacity === this.#memory.length ? this.#memory : Buffer.allocUnsafe(capacity);
    this.#memory.copy(target, 0, this.#start, this.#end);
    this.#memory = target;
    this.#start = 0;
    this.#end = used;
  }
}
