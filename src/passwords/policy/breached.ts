import { createHash } from "node:crypto";
import { toOpaqueString } from "../opaque-string.ts";

/** Whether a password is known to be breached; `unavailable` where nobody could say. */
export type BreachOutcome = "breached" | "not-found" | "unavailable";

/** What is told of each look-up: never the password, its hash or a part of that. */
export type BreachObserver = (outcome: BreachOutcome, reason?: string) => void;

/** Where and for how long to ask. */
export interface BreachSettings {
  /** A server of the range API; the prefix is added to it. */
  readonly url: string;
  readonly timeoutMilliseconds: number;
}

/** The answers with padding have some 60 KB. */
const MOST_BYTES = 1024 * 1024;

/** How much of the hash is sent, in hexadecimal digits: some 2,000 breached passwords share each beginning. */
const PREFIX = 5;

/** The rest of a SHA-1, and in how many breaches it was; 0 on lines that only pad the answer. */
const LINE = /^([0-9A-F]{35}):(\d{1,15})$/i;

/**
 * Makes the look-up of breached passwords: the server learns the first five digits of the password's SHA-1 and answers
 * with all that begin so. Whatever goes wrong is `unavailable`, and never thrown.
 *
 * @see https://haveibeenpwned.com/API/v3#PwnedPasswords
 */
export function createBreachCheck(
  settings: BreachSettings,
  observe: BreachObserver = () => undefined,
): (password: string) => Promise<BreachOutcome> {
  return async (password) => {
    const { outcome, reason } = await lookUp(settings, password);
    observe(outcome, reason);
    return outcome;
  };
}

async function lookUp(
  settings: BreachSettings,
  password: string,
): Promise<{ outcome: BreachOutcome; reason?: string }> {
  const digest = createHash("sha1").update(toOpaqueString(password), "utf8").digest("hex").toUpperCase();
  try {
    const range = await fetchRange(settings, digest.slice(0, PREFIX));
    return { outcome: isInRange(range, digest.slice(PREFIX)) ? "breached" : "not-found" };
  } catch (error) {
    return { outcome: "unavailable", reason: reasonOf(error) };
  }
}

/** What an answer was refused for. */
class InvalidRange extends Error {}

async function fetchRange({ url, timeoutMilliseconds }: BreachSettings, prefix: string): Promise<string> {
  const response = await fetch(`${url.replace(/\/$/, "")}/${prefix}`, {
    headers: { "add-padding": "true", "user-agent": "authgraft" },
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new InvalidRange(`status ${response.status}`);
  }
  return readBounded(response);
}

async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new InvalidRange(`more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("latin1");
}

/** An answer that is anything but such lines comes from something else, such as the page of a proxy. */
function isInRange(range: string, suffix: string): boolean {
  const rows = range
    .trim()
    .split(/\r?\n/)
    .map((line) => LINE.exec(line.trim()));
  if (rows.includes(null)) throw new InvalidRange("not a range of hashes");
  return rows.some((row) => row?.[1]?.toUpperCase() === suffix && Number(row[2]) > 0);
}

/** In words that hold no address: it has the prefix in it. */
function reasonOf(error: unknown): string {
  if (error instanceof InvalidRange) return error.message;
  if (error instanceof Error && error.name === "TimeoutError") return "timeout";
  return "not reachable";
}
