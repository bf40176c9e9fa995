import type { Admission, Throttle } from "./throttle.ts";

const ADMITTED: Admission = {
  succeeded: async () => undefined,
  failed: () => undefined,
  giveBack: async () => undefined,
};

/** Counts nothing: for whoever has limits of their own in front of the server. */
export const UNLIMITED: Throttle = {
  guess: async () => ADMITTED,
  register: async () => ADMITTED,
  mail: async () => undefined,
  guessSecret: async () => ADMITTED,
};
