import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { AccessTokenClaims } from "./access-claims.ts";
import { deriveKey, type Secrets } from "./secret.ts";

/** For how long a device is remembered, in seconds: no browser keeps a cookie for longer than 400 days. */
export const DEVICE_SECONDS = 400 * 86_400;

/** Whose device it is, and since when: a new password raises the generation, and whoever signed in before is unknown. */
export type DeviceHolder = Pick<AccessTokenClaims, "userId" | "generation">;

/**
 * What a device keeps of the accounts that have signed in on it: `v1.` and up to five entries, the last used
 * first. It lets nobody in: it only tells a device that has been let in from one that has not.
 */
export interface DeviceTokens {
  /** The name under which this device is known to that user's account since its last new password; undefined where it is not. */
  known(token: string | undefined, holder: DeviceHolder): string | undefined;
  /** What the device is to keep from now on, of what it has kept until now, once that user has signed in on it. */
  remember(token: string | undefined, holder: DeviceHolder): string;
}

const PREFIX = "v1.";
const MOST_ENTRIES = 5;
const NAME_BYTES = 12;
const TIME_BYTES = 4;
const TAG_BYTES = 16;
const ENTRY_BYTES = NAME_BYTES + TIME_BYTES + TAG_BYTES;

/** An entry does not say whose it is: that is found out with the user's id and generation alone. */
const ENTRY = /^[\w-]{43}$/;

/** Makes entries with the first of the secrets, and knows those of each. */
export function createDeviceTokens(secrets: Secrets, now: () => number): DeviceTokens {
  const current = deviceKey(secrets[0]);
  const keys = [current, ...secrets.slice(1).map(deviceKey)];
  const seconds = () => Math.floor(now() / 1_000);
  const isKnown = (entry: Buffer, holder: DeviceHolder) =>
    keys.some((key) => isTagged(key, entry, holder)) && isFresh(entry, seconds());
  return {
    known(token, holder) {
      const entry = readEntries(token).find((one) => isKnown(one, holder));
      return entry?.toString("base64url", 0, NAME_BYTES);
    },
    remember(token, holder) {
      const entries = readEntries(token);
      const own = entries.find((entry) => isKnown(entry, holder));
      const name = own?.subarray(0, NAME_BYTES) ?? randomBytes(NAME_BYTES);
      const others = entries.filter((entry) => entry !== own);
      const kept = [seal(current, name, seconds(), holder), ...others].slice(0, MOST_ENTRIES);
      return PREFIX + kept.map((entry) => entry.toString("base64url")).join(".");
    },
  };
}

/** What is no such token, or more than one can be, is nothing. */
function readEntries(token = ""): Buffer[] {
  if (!token.startsWith(PREFIX)) return [];
  const entries = token.slice(PREFIX.length).split(".", MOST_ENTRIES + 1);
  if (entries.length > MOST_ENTRIES || !entries.every((entry) => ENTRY.test(entry))) return [];
  return entries.map((entry) => Buffer.from(entry, "base64url"));
}

function seal(key: Uint8Array, name: Uint8Array, seconds: number, holder: DeviceHolder): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry.set(name);
  entry.writeUInt32BE(seconds, NAME_BYTES);
  entry.set(tagOf(key, entry, holder), ENTRY_BYTES - TAG_BYTES);
  return entry;
}

function isTagged(key: Uint8Array, entry: Buffer, holder: DeviceHolder): boolean {
  return timingSafeEqual(tagOf(key, entry, holder), entry.subarray(ENTRY_BYTES - TAG_BYTES));
}

function isFresh(entry: Buffer, seconds: number): boolean {
  return entry.readUInt32BE(NAME_BYTES) + DEVICE_SECONDS > seconds;
}

/** The name and the time have a fixed length, and a number no dot, so nothing of them can pass for a part of the id. */
function tagOf(key: Uint8Array, entry: Buffer, { userId, generation }: DeviceHolder): Buffer {
  const named = entry.subarray(0, NAME_BYTES + TIME_BYTES);
  return createHmac("sha256", key)
    .update(named)
    .update(`${generation}.${userId}`)
    .digest()
    .subarray(0, TAG_BYTES);
}

function deviceKey(secret: string): Uint8Array {
  return deriveKey(secret, "devices");
}
