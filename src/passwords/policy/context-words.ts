import { toComparable } from "./comparable.ts";
import type { PasswordRefusal } from "./refusal.ts";

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email?: string | undefined;
  readonly username?: string | undefined;
  readonly displayName?: string | undefined;
}

/** Shorter words (initials, `co`) are in half of all passwords by chance. */
const SHORTEST_WORD = 3;

/** How much may be added to such words for the password to be still no more than them: a year and a mark. */
const FEW = 5;

/** A text of anybody's making is looked at for so many words. */
const MOST_WORDS = 50;

/**
 * Refuses a password that is made of little else than words that whoever guesses knows: the email and its parts, the
 * username, the display name, and what the configuration lists. That is so when, without regard to case, spaces and
 * `. _ - + ' @`, at most five characters are left besides such words, and no more than the words have.
 *
 * @returns null where it is accepted, as is a passphrase that merely holds such a word.
 */
export function refuseGuessable(
  password: string,
  owner: PasswordOwner,
  configured: readonly string[],
): PasswordRefusal | null {
  const text = joined(password);
  const left = lengthOf(withoutWords(text, contextWords(owner, configured)));
  const covered = lengthOf(text) - left;
  if (covered === 0 || left > FEW || left > covered) return null;
  return {
    code: "password_guessable",
    message: "This password is little more than your name, your email or the name of this service.",
  };
}

function contextWords(
  { email = "", username = "", displayName = "" }: PasswordOwner,
  configured: readonly string[],
): Set<string> {
  const texts = [username, displayName, ...configured].flatMap((text) => [text, ...wordsOf(text)]);
  const words = [...texts, ...emailWords(email)].map(joined);
  return new Set(words.filter((word) => lengthOf(word) >= SHORTEST_WORD));
}

/** All of it, what is before the `@`, and the labels of the domain save the last: `com` says nothing about anybody. */
function emailWords(email: string): string[] {
  const at = email.lastIndexOf("@");
  const local = email.slice(0, Math.max(at, 0));
  const labels = email
    .slice(at + 1)
    .split(".")
    .slice(0, -1);
  return [email, local, ...wordsOf(local), ...labels.slice(0, MOST_WORDS)];
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{M}\p{N}]+/u, MOST_WORDS);
}

/** Written without what people put between words. */
function joined(text: string): string {
  return toComparable(text).replaceAll(/[\s._+'@-]/g, "");
}

/** What is left of a text outside of every occurrence of the words, those that overlap included. */
function withoutWords(text: string, words: Iterable<string>): string {
  const covered = new Uint8Array(text.length);
  for (const word of words) {
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
      covered.fill(1, at, at + word.length);
    }
  }
  return Array.from({ length: text.length }, (_, at) => (covered[at] === 1 ? "" : text[at])).join("");
}

function lengthOf(text: string): number {
  return [...text].length;
}
