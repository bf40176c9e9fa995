/** A stored hash that was recognised, is well formed, within its format's bounds, and not refused by policy. */
export interface StoredHash {
  /** The `id` of its format. */
  readonly format: string;
  /** All that decides how much work it is, by the names its format gives them; what counts as out of date too. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** How heavy it is beside others of its format, where that is not the product of the numbers among its parameters. */
  readonly weight?: number;
  /** How many bytes of a password count; null where all of them do. */
  readonly significantBytes: number | null;
  /** Whether a password is hashed as it is; absent where none is trimmed or normalised first. */
  isWhole?(password: Uint8Array): boolean;
  /** Whether this is the hash of these bytes. Runs to its end on the calling thread; never throws. */
  verify(password: Uint8Array): boolean;
}

/**
 * Why a stored text verifies nothing: no format has it, it is broken, dearer than its format's bounds, a marker
 * that says nobody can sign in by it, refused by policy, or in need of a setting that is not there.
 */
export type HashFault = "unknown" | "malformed" | "too-costly" | "unusable" | "refused" | "incomplete";

/** Whether somebody ought to look: a marker that says that nobody signs in by it is meant to verify nothing. */
export function isUnexpected(fault: HashFault | null): boolean {
  return fault !== null && fault !== "unusable";
}

/** A stored text that verifies nothing. */
export interface Unverifiable {
  readonly fault: HashFault;
  /** The `id` of the format that has it, or a name such as `yescrypt`; null where none has. */
  readonly format: string | null;
  /** One sentence for whoever runs the server; it never repeats the text. */
  readonly reason: string;
}

/** What came of reading a stored text. */
export type Reading = StoredHash | Unverifiable;

/** Whether there is something to verify against. */
export function isVerifiable(reading: Reading): reading is StoredHash {
  return "verify" in reading;
}

/** The most that one parameter of a format may be, checked before any work is done. */
export interface CostBound {
  readonly parameter: string;
  readonly most: number;
  readonly unit?: string;
  /** Why this much and no more. */
  readonly reason: string;
}

/** What a format is given besides the stored text. */
export interface FormatContext {
  readonly settings: FormatSettings;
  /** Reads a text that stands inside another one's wrapping, such as `{CRYPT}$6$…`; wrappings do not nest. */
  readInner(stored: string): Reading;
}

/** One family of stored hashes. */
export interface PasswordFormat {
  readonly id: string;
  /** What people call it. */
  readonly title: string;
  /** Which programs write it. */
  readonly writtenBy: readonly string[];
  /** How its texts begin, or look where they have no beginning of their own; for the documentation. */
  readonly shapes: readonly string[];
  readonly bounds: readonly CostBound[];
  /** What a reader of the documentation must know besides; absent where there is nothing. */
  readonly note?: string;
  /** Reads a stored text without doing any of its work; null where it is another family's. Never throws. */
  read(stored: string, context: FormatContext): Reading | null;
}

/** Makes new hashes, all with the same parameters. */
export interface PasswordHasher {
  /** The `id` of the format. */
  readonly format: string;
  /** The longest password it takes, in bytes; null where there is no such bound. */
  readonly maximumBytes: number | null;
  /** Runs to its end on the calling thread. */
  hash(password: Uint8Array): string;
  /** Whether a stored hash is at least what this one makes today. */
  isCurrent(stored: StoredHash): boolean;
}

/** What the configuration says about hashes that others made: `passwords.legacy`. Plain data, for it crosses to threads. */
export interface FormatSettings {
  /** Whether a hash without a salt is verified, or recognised and refused. */
  readonly unsalted: "refuse" | "verify";
  /** What Devise or Rails put after every password before bcrypt; null where there is none. */
  readonly pepper: string | null;
  /** A Firebase project's signer key, base64; null where there is none. */
  readonly firebaseSignerKey: string | null;
  /** Plain salted digests of the application's own. */
  readonly digests: readonly DigestDescription[];
}

/** How an application of its own kind wrote down a salted digest. */
export interface DigestDescription {
  readonly algorithm: "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512";
  /** What is digested; `hmac` is HMAC of the password with the salt as the key. */
  readonly order: "salt-password" | "password-salt" | "salt-password-salt" | "hmac";
  /** How salt and digest stand in the text: `{salt}` and `{digest}` once each, the rest as it is. */
  readonly layout: string;
  readonly digestEncoding: "hex" | "base64";
  /** How the salt's bytes come from its text: as they are, or decoded. */
  readonly saltEncoding: "text" | "hex" | "base64";
  /** How often the algorithm runs in all; from the second time on over what came before, raw or as lower-case hex. */
  readonly iterations: number;
  readonly iterateOver: "bytes" | "hex";
}
