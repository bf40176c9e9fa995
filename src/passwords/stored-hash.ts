/** A stored hash that was recognised, is well formed and within the bounds of its format. */
export interface StoredHash {
  readonly format: string;
  /** The parameters it was made with, by the names its format gives them. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** How many bytes of a password count; null where all of them do. */
  readonly significantBytes: number | null;
  /** Whether this is the hash of these bytes. */
  verify(password: Uint8Array): Promise<boolean>;
}

/** Why a stored text cannot be verified: another format's, broken, or dearer than its format's bounds. */
export type HashFault = "unknown" | "malformed" | "too-costly";

/** One family of stored hashes. */
export interface PasswordFormat {
  readonly id: string;
  /** Reads a stored text without doing any of its work; `unknown` where it belongs to another family. */
  read(stored: string): StoredHash | HashFault;
}

/** Makes new hashes, all with the same parameters. */
export interface PasswordHasher {
  readonly format: string;
  /** The longest password it takes, in bytes; null where there is no such bound. */
  readonly maximumBytes: number | null;
  hash(password: Uint8Array): Promise<string>;
  /** Whether a stored hash is at least what this one makes today. */
  isCurrent(stored: StoredHash): boolean;
}
