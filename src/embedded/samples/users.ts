import { EDGE_DISPLAY_NAMES, EDGE_EMAILS, edgeUsernames } from "./edge-cases.ts";
import { clip, drawEmail, drawHandle, drawMoment, drawName } from "./names.ts";
import { SeededRandom } from "./random.ts";
import type { Row, SampleOptions } from "./shape.ts";

type Providers = readonly [string, ...string[]];

const PROVIDERS: Providers = [
  "google",
  "google",
  "google",
  "github",
  "github",
  "apple",
  "microsoft",
  "gitlab",
];

/** Rows of A's users table: id, username, created_at. Ids have gaps, as after years of deletions. */
export function usersOfA({ users, seed }: Required<SampleOptions>): readonly Row[] {
  const random = new SeededRandom(seed, "a.users");
  const usernames = distinct(edgeUsernames(50), 50, String);
  let id = 0;
  return Array.from({ length: users }, () => {
    id += random.chance(0.05) ? random.integer(2, 9) : 1;
    const username = usernames(() => drawHandle(random), random);
    return [String(id), username, drawMoment(random)];
  });
}

/**
 * Rows of B's users table: id, username, display_name, email, auth_provider, auth_provider_id, avatar_url, bio,
 * role, created_at, updated_at.
 */
export function usersOfB(options: Required<SampleOptions>): readonly Row[] {
  const random = new SeededRandom(options.seed, "b.users");
  const usernames = distinct(edgeUsernames(30), 30, String);
  const emails = distinct(EDGE_EMAILS, 255, asciiLowerCase);
  const displayNames = [...EDGE_DISPLAY_NAMES];
  const rows = Array.from({ length: options.users }, (_, index): Row => {
    const username = usernames(() => drawHandle(random), random);
    const email = emails(() => drawEmail(random), random);
    const displayName = displayNames.shift() ?? clip(drawName(random).join(" "), 50);
    return [random.uuid(), username, displayName, email, ...identity(random, index), ...profile(random)];
  });
  return withCaseDuplicates(rows, options.emailCaseDuplicates);
}

/** No two users have the same pair, though nothing in the schema says so. */
function identity(random: SeededRandom, index: number): readonly [provider: string, subject: string] {
  const provider = random.pick(PROVIDERS);
  const number = String(index * 997 + random.integer(1, 997));
  if (provider === "apple") return [provider, `${number.padStart(6, "0")}.${random.hex(32)}.1234`];
  if (provider === "microsoft") return [provider, random.uuid()];
  return [provider, provider === "google" ? `1${number.padStart(20, "0")}` : number];
}

function profile(random: SeededRandom): Row {
  const avatar = random.chance(0.7)
    ? `https://cdn.example.com/avatars/${random.hex(12)}.png?s=96&d=mp`
    : null;
  const bio = random.chance(0.4)
    ? random.pick(["", "Hi 👋", "line one\nline two", "it's \\complicated\\", "b".repeat(500)])
    : null;
  const role = random.pick(["user", "user", "user", "user", "moderator", "admin", null]);
  const createdAt = random.chance(0.01) ? null : drawMoment(random);
  return [avatar, bio, role, createdAt, random.chance(0.2) ? null : drawMoment(random)];
}

/**
 * Hands out values no two of which have the same key and none of which is longer than `limit`: the edge cases
 * first, every other time, then drawn ones only.
 */
function distinct(edgeCases: readonly string[], limit: number, keyOf: (value: string) => string) {
  const waiting = [...edgeCases];
  const taken = new Set(edgeCases.map(keyOf));
  let count = 0;
  return (draw: () => string, random: SeededRandom): string => {
    const edgeCase = count++ % 2 === 0 ? waiting.shift() : undefined;
    if (edgeCase !== undefined) return edgeCase;
    let value = clip(draw(), limit);
    while (taken.has(keyOf(value))) value = clip(`${random.hex(4)}.${draw()}`, limit);
    taken.add(keyOf(value));
    return value;
  };
}

/** Gives the last users emails of the first that can be written in another case. */
function withCaseDuplicates(rows: readonly Row[], count: number): readonly Row[] {
  const originals = rows.flatMap((row) => (row[3] && /[a-z]/.test(row[3]) ? [row[3]] : []));
  const firstChanged = rows.length - count;
  return rows.map((row, index) => {
    const original = index < firstChanged ? undefined : originals[index - firstChanged];
    return original === undefined ? row : row.with(3, swapAsciiCase(original));
  });
}

function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function swapAsciiCase(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}
