import { type Asking, keepAsking, type Outcome } from "../asking.ts";
import { beChild } from "../child.ts";

/** Milliseconds between two questions. */
const EVERY = 10;

/** A child that asks about a token from `begin` to `end`. */
export function beAsker<Options>(
  open: (options: Options) => Promise<(token: string) => Promise<Outcome>>,
): void {
  beChild<Options>(async (options) => {
    const ask = await open(options);
    let asking: Asking | undefined;
    return {
      ask,
      begin(token: string) {
        asking = keepAsking(() => ask(token), EVERY);
      },
      end: () => asking?.stop() ?? [],
    };
  });
}
