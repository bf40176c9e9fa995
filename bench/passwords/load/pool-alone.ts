/** The hashing pool by itself: no HTTP, no database, the same password, the same kind of hash. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseConfiguration } from "../../../src/config/parse.ts";
import { createPasswords } from "../../../src/passwords/passwords.ts";
import { beChild } from "./child.ts";
import { createEndCounter } from "./count-ends.ts";

/** The password, and how many wait for an answer at a time. */
export interface PoolLoad {
  readonly password: string;
  readonly concurrency: number;
}

await beChild<PoolLoad>(async ({ password, concurrency }) => {
  const passwords = await createPasswords(parseConfiguration({}).passwords);
  const stored = await passwords.hash(password);
  return async (window) => {
    const counter = createEndCounter(window);
    const verify = async () => {
      while (Date.now() < window.to) {
        const since = Date.now();
        const answer = await passwords.verify(stored, password);
        if (answer === "match") counter.succeeded(since);
        else counter.failed();
      }
    };
    await sleep(window.start - Date.now());
    await Promise.all(Array.from({ length: concurrency }, verify));
    return counter.counts();
  };
});
