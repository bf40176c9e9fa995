import { z } from "zod";
import { parseConfiguration } from "../../src/config/parse.ts";
import type { FormatSettings } from "../../src/passwords/stored-hash.ts";

/** What a row of a file of vectors says of its hash. */
export type Kind = "correct" | "malformed" | "unidentified" | "unusable";

/** One row of a file of vectors. */
export interface Vector {
  /** Its place in the file, from 1 on. */
  readonly row: number;
  readonly kind: Kind;
  /** What whoever made the row calls the format. */
  readonly format: string;
  readonly hash: string;
  /** Who made the hash. */
  readonly source: string;
  /** The password's bytes; null where the row has none, which no `correct` one is without. */
  readonly password: Buffer | null;
  readonly settings: FormatSettings;
}

/** A file that is none of vectors. The message has a line for each row that is at fault. */
export class VectorFileError extends Error {}

const row = z
  .object({
    kind: z.enum(["correct", "malformed", "unidentified", "unusable"]),
    format: z.string(),
    hash: z.string(),
    source: z.string(),
    password: z.string().optional(),
    password_hex: z
      .string()
      .regex(/^(?:[0-9a-f]{2})*$/i, "pairs of hexadecimal digits are wanted")
      .optional(),
    settings: z.record(z.string(), z.unknown()).default({}),
  })
  .refine(({ kind, ...fields }) => kind !== "correct" || passwordOf(fields) !== null, {
    path: ["password"],
    error: "a correct one needs it, or password_hex",
  });

/**
 * Reads a file of vectors: a JSON list of `kind`, `format`, `hash`, `source`, `password` or `password_hex`, and
 * `settings`, which has keys of the configuration's `passwords.legacy`. Without them, what has no salt is verified.
 *
 * @throws VectorFileError
 */
export function parseVectors(text: string): Vector[] {
  const list = parseJson(text);
  if (!Array.isArray(list)) throw new VectorFileError("It is no list of rows.");
  const problems: string[] = [];
  const vectors = list.map((value: unknown, index) => parseRow(value, index + 1, problems));
  if (problems.length > 0) throw new VectorFileError(problems.join("\n"));
  return vectors.filter((vector) => vector !== null);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new VectorFileError(`It is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function parseRow(value: unknown, number: number, problems: string[]): Vector | null {
  const { data, error } = row.safeParse(value);
  if (data === undefined) {
    for (const { path, message } of error.issues)
      problems.push(`Row ${number}: ${[...path, message].join(": ")}`);
    return null;
  }
  const { kind, format, hash, source } = data;
  const settings = parseSettings(data.settings, number, problems);
  return settings && { row: number, kind, format, hash, source, password: passwordOf(data), settings };
}

function parseSettings(
  legacy: Record<string, unknown>,
  number: number,
  problems: string[],
): FormatSettings | null {
  try {
    return parseConfiguration({ passwords: { legacy: { unsalted: "verify", ...legacy } } }).passwords.legacy;
  } catch (error) {
    problems.push(`Row ${number}: settings: ${error instanceof Error ? error.message : error}`);
    return null;
  }
}

function passwordOf(fields: {
  password?: string | undefined;
  password_hex?: string | undefined;
}): Buffer | null {
  if (fields.password_hex !== undefined) return Buffer.from(fields.password_hex, "hex");
  return fields.password === undefined ? null : Buffer.from(fields.password, "utf8");
}
