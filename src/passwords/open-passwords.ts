import type { Registry } from "prom-client";
import type { Configuration } from "../config/schema.ts";
import { createPasswords, type Passwords } from "./passwords.ts";
import { measurePool } from "./pool/metrics.ts";

/** Opens hashing as it is configured, with its figures in that register. */
export async function openPasswords(
  settings: Configuration["passwords"],
  register: Registry,
): Promise<Passwords> {
  const { threads, queue, queuePerAddress, queuePerAccount, longestWaitSeconds, niceness } = settings.hashing;
  let passwords: Passwords | undefined;
  passwords = await createPasswords(settings, {
    ...(threads === undefined ? {} : { threads }),
    limits: { capacity: queue, perAddress: queuePerAddress, perAccount: queuePerAccount },
    ...{ longestWait: longestWaitSeconds * 1_000, niceness },
    observer: measurePool(register, () => passwords?.state()),
  });
  return passwords;
}
