/** The most rows of a batch, and as many as it has at first and at the least, time alone considered. */
const [MOST, LEAST] = [1_000, 100];

/**
 * How many rows go into one transaction. Whoever wants one of them waits for it: a batch that takes long makes the
 * next ones smaller, and one that has met a row that is held is halved, down to that row alone.
 */
export class BatchSize {
  readonly #budget: number;
  #rows = LEAST;

  /** @param budget how long a batch may take, in milliseconds. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  get rows(): number {
    return this.#rows;
  }

  /** After a batch that went through in so many milliseconds. */
  succeeded(elapsed: number): void {
    if (this.#rows < LEAST || elapsed < this.#budget / 2) this.#rows = Math.min(MOST, this.#rows * 2);
    else if (elapsed > this.#budget) this.#rows = Math.max(LEAST, Math.floor(this.#rows / 2));
  }

  /** After a batch that had to wait for a row. */
  blocked(): void {
    this.#rows = Math.max(1, Math.floor(this.#rows / 2));
  }
}
