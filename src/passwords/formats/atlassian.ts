import { decodeBase64 } from "../base64.ts";
import { malformed } from "../fault.ts";
import { PBKDF2_SHA1_BOUNDS, readPbkdf2 } from "../primitives/pbkdf2.ts";
import type { PasswordFormat } from "../stored-hash.ts";

const PREFIX = "{PKCS5S2}";

const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** Base64 of both, without padding. */
const TEXT_LENGTH = ((SALT_BYTES + KEY_BYTES) / 3) * 4;

/** PBKDF2 with HMAC-SHA1 and 10,000 iterations, as Jira, Confluence and Crowd write it. */
export const atlassianFormat: PasswordFormat = {
  id: "atlassian",
  title: "PBKDF2 (Atlassian)",
  writtenBy: ["Jira", "Confluence", "Crowd", "passlib"],
  shapes: [PREFIX],
  bounds: PBKDF2_SHA1_BOUNDS,
  read(stored) {
    if (!stored.startsWith(PREFIX)) return null;
    if (stored.length !== PREFIX.length + TEXT_LENGTH) return malformed("atlassian");
    const bytes = decodeBase64(stored.slice(PREFIX.length));
    if (bytes === null) return malformed("atlassian");
    const [salt, key] = [bytes.subarray(0, SALT_BYTES), bytes.subarray(SALT_BYTES)];
    return readPbkdf2("atlassian", { digest: "sha1", iterations: 10_000, salt, key });
  },
};
