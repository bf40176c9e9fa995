import { peppered } from "../../passwords/pepper.ts";
import type { ReadStoredHash } from "../../passwords/registry.ts";
import { isVerifiable, type Unverifiable } from "../../passwords/stored-hash.ts";
import { isEmailAddress } from "../fields/email.ts";
import type { HashTally } from "./hash-tally.ts";
import { parseMoment } from "./moments.ts";
import type { Role } from "./source/roles.ts";
import type { Fault, SourceRow } from "./source/source-row.ts";

/** What the table, the configuration and the options say about values. */
export interface RowRules {
  /** The type of the ids: `int2`, `int4`, `int8`, `uuid`, or `text` for all that is compared as text. */
  readonly idType: string;
  /** The most characters a column takes; null where it has no bound. */
  readonly longest: Readonly<
    Record<"id" | "username" | "email" | "display_name" | "password_hash", number | null>
  >;
  /** The roles that are carried; what a file has besides is left out. */
  readonly carried: ReadonlySet<Role>;
  readonly readHash: ReadStoredHash;
  /** What the bcrypt hashes of the file were made with besides the password; null where nothing was. */
  readonly pepper: string | null;
  /** Whether a hash that verifies nothing is left out, and not a fault of the row. */
  readonly withoutUnverifiableHashes: boolean;
  /** The longest password that can be hashed, in bytes; null where there is no bound. */
  readonly longestPassword: number | null;
}

/** A row as it is staged. No plaintext password is in it. */
export interface StagedRow {
  readonly row: number;
  fault: Fault | null;
  id: string | null;
  username: string | null;
  email: string | null;
  display_name: string | null;
  hash: string | null;
  /** Whether the file has a plaintext password for it. */
  plain: boolean;
  is_admin: boolean | null;
  verified: boolean | null;
  disabled: boolean | null;
  created_at: string | null;
}

/** Checks the values of a row; the first that does not fit is its fault. Values that do fit are kept all the same. */
export function checkRow({ row, values, fault }: SourceRow, rules: RowRules, tally: HashTally): StagedRow {
  const staged: StagedRow = {
    ...{ row, fault, id: null, username: null, email: null, display_name: null, hash: null, plain: false },
    ...{ is_admin: null, verified: null, disabled: null, created_at: null },
  };
  for (const role in values) {
    const value = values[role as Role];
    if (value === undefined) continue;
    // Carried or not: whether a row may be matched by its address depends on it.
    if (role === "email_verified" && FALSE.has(value.trim().toLowerCase())) staged.verified = false;
    if (!rules.carried.has(role as Role)) continue;
    const reason = faultOfText(value) ?? put(staged, role as Role, value, rules, tally);
    if (reason !== null) staged.fault ??= { field: role as Role, reason };
  }
  if (staged.plain && staged.hash !== null) {
    staged.fault ??= { field: "password", reason: "It has a password and a hash of one." };
  }
  return staged;
}

function faultOfText(value: string): string | null {
  if (value.includes("\0")) return "It has a NUL character, which PostgreSQL cannot store.";
  return value.isWellFormed() ? null : "It has half of a surrogate pair, which is no character.";
}

/** Puts a value in its place; returns why it does not fit. */
function put(staged: StagedRow, role: Role, value: string, rules: RowRules, tally: HashTally): string | null {
  switch (role) {
    case "id":
      return keep(staged, role, value, faultOfId(value, rules));
    case "username":
      return keep(staged, role, value, faultOfName(value, rules.longest.username));
    case "display_name":
      return keep(staged, role, value, faultOfName(value, rules.longest.display_name));
    case "email":
      return keep(staged, role, value, faultOfEmail(value, rules.longest.email));
    case "password_hash":
      return putHash(staged, value, rules, tally);
    case "password":
      staged.plain = true;
      return faultOfPassword(value, rules);
    case "created_at":
      staged.created_at = parseMoment(value);
      return staged.created_at === null
        ? "It is no date that can be read, such as 2024-02-29T12:00:00Z."
        : null;
    default:
      return putFlag(staged, role, value);
  }
}

function keep(
  staged: StagedRow,
  place: "id" | "username" | "email" | "display_name",
  value: string,
  fault: string | null,
): string | null {
  if (fault === null) staged[place] = value;
  return fault;
}

const RANGES: Readonly<Record<string, bigint>> = { int2: 2n ** 15n, int4: 2n ** 31n, int8: 2n ** 63n };

function faultOfId(value: string, { idType, longest }: RowRules): string | null {
  const range = RANGES[idType];
  if (range !== undefined) {
    const fits = /^-?\d{1,19}$/.test(value) && BigInt(value) < range && BigInt(value) >= -range;
    return fits ? null : "It is no whole number that fits the column of ids.";
  }
  if (idType === "uuid") {
    return /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i.test(value) ? null : "It is no UUID.";
  }
  return tooLong(value, longest.id);
}

function faultOfName(value: string, longest: number | null): string | null {
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return "It has a control character or a line break.";
  return value.trim() === "" ? "There is nothing to see in it." : tooLong(value, longest);
}

const LONGEST_EMAIL = 254;

function faultOfEmail(value: string, longest: number | null): string | null {
  if (isEmailAddress(value)) return tooLong(value, Math.min(LONGEST_EMAIL, longest ?? LONGEST_EMAIL));
  return "It is not one email address, like ada@example.com.";
}

function tooLong(value: string, longest: number | null): string | null {
  // A code point is one or two units: only what may be too long is counted.
  if (longest === null || value.length <= longest || [...value].length <= longest) return null;
  return `It is longer than the ${longest} characters that the column takes.`;
}

function putHash(staged: StagedRow, value: string, rules: RowRules, tally: HashTally): string | null {
  const hash = rules.pepper !== null && /^\$2[aby]\$/.test(value) ? peppered(value, rules.pepper) : value;
  const reading = rules.readHash(hash);
  tally.add(reading);
  if (!isVerifiable(reading)) {
    // Such a mark says that nobody signs in by it: there is no password to carry.
    return reading.fault === "unusable" || rules.withoutUnverifiableHashes ? null : reasonOf(reading);
  }
  const fault = tooLong(hash, rules.longest.password_hash);
  if (fault === null) staged.hash = hash;
  return fault;
}

const LONGEST_PASSWORD = 4_096;

function faultOfPassword(value: string, { readHash, longestPassword }: RowRules): string | null {
  if (isVerifiable(readHash(value))) return "It is a hash: say --column password_hash=HEADER.";
  const most = longestPassword ?? LONGEST_PASSWORD;
  return Buffer.byteLength(value) > most ? `It is longer than the ${most} bytes that can be hashed.` : null;
}

const TRUE = new Set(["true", "t", "1", "yes", "y"]);
const FALSE = new Set(["false", "f", "0", "no", "n"]);

function putFlag(
  staged: StagedRow,
  role: "is_admin" | "email_verified" | "disabled" | "active",
  text: string,
): string | null {
  const word = text.toLowerCase();
  if (!TRUE.has(word) && !FALSE.has(word)) return "It is neither true nor false.";
  const value = TRUE.has(word);
  if (role === "is_admin") staged.is_admin = value;
  else if (role === "email_verified") staged.verified = value;
  else staged.disabled = role === "active" ? !value : value;
  return null;
}

function reasonOf({ format, reason }: Unverifiable): string {
  return format === null ? reason : `${format}: ${reason}`;
}
