import { beChild } from "../child.ts";
import { timeCalls, timeOnce } from "../time-calls.ts";

/** Milliseconds to be asked for. */
export interface Slice {
  readonly token: string;
  readonly milliseconds: number;
}

/** A child that verifies tokens: what it is to throw on, it throws on. */
export function beVerifier<Options>(open: (options: Options) => Promise<(token: string) => unknown>): void {
  beChild<Options>(async (options) => {
    const verify = await open(options);
    return {
      again: ({ token, milliseconds }: Slice) => timeCalls(() => verify(token), milliseconds),
      once: (tokens: readonly string[]) => timeOnce(tokens, verify),
      isAccepted: async (token: string) => {
        try {
          await verify(token);
          return true;
        } catch {
          return false;
        }
      },
    };
  });
}
