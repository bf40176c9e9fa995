/**
 * How long a run goes on waiting for others, over all its steps: work of its own, such as the build of an
 * index, does not use it up. Milliseconds.
 */
export class Patience {
  readonly total: number;
  #left: number;

  constructor(total: number) {
    this.total = total;
    this.#left = total;
  }

  get left(): number {
    return Math.max(0, this.#left);
  }

  get spent(): number {
    return this.total - this.#left;
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Counts time that went by in waiting. */
  spend(milliseconds: number): void {
    this.#left -= milliseconds;
  }

  /** Does something whose time is all waiting, and counts it. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    const since = performance.now();
    try {
      return await work();
    } finally {
      this.spend(performance.now() - since);
    }
  }
}
