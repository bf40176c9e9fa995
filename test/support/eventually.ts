import { expect } from "vitest";

/** Expects what will be so sooner or later, with room for a machine that has much else to do. */
export function eventually<Value>(look: () => Value | Promise<Value>) {
  return expect.poll(look, { timeout: 60_000 });
}
