import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

/** How hard a password is to guess: 0 to 2 are guessed with some effort, 3 and 4 are not. */
export interface PasswordStrength {
  readonly score: 0 | 1 | 2 | 3 | 4;
  /** What makes it easy to guess; null where nothing does. */
  readonly warning: PasswordAdvice<WarningCode> | null;
  /** What to do about it. */
  readonly suggestions: readonly PasswordAdvice<SuggestionCode>[];
}

/** Something to tell whoever chooses a password: a code to translate by, and the English text. */
export interface PasswordAdvice<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
}

export type WarningCode = keyof typeof WARNINGS;
export type SuggestionCode = keyof typeof SUGGESTIONS;

const WARNINGS = {
  straightRow: "A row of keys is easy to guess.",
  keyPattern: "A pattern on the keyboard is easy to guess.",
  simpleRepeat: 'Repeated characters, like "aaa", are easy to guess.',
  extendedRepeat: 'Repeated patterns, like "abcabcabc", are easy to guess.',
  sequences: 'Sequences, like "abc" or "6543", are easy to guess.',
  recentYears: "Recent years are easy to guess.",
  dates: "Dates are easy to guess.",
  topTen: "This is one of the ten most used passwords.",
  topHundred: "This is one of the hundred most used passwords.",
  common: "This is a much used password.",
  similarToCommon: "This is close to a much used password.",
  wordByItself: "A word by itself is easy to guess.",
  namesByThemselves: "A name by itself is easy to guess.",
  commonNames: "Common names are easy to guess.",
  userInputs: "Your name, your email and the name of this service are easy to guess.",
} as const;

const SUGGESTIONS = {
  anotherWord: "Add another word or two; uncommon ones are best.",
  useWords: "Use several words that do not belong together.",
  noNeed: "Symbols, digits and capitals are not needed for it.",
  l33t: 'Replacing letters, like "@" for "a", helps little.',
  reverseWords: "Words spelled backwards are not much harder to guess.",
  allUppercase: "All capitals are almost as easy to guess as none.",
  capitalization: "A capital at the start helps little.",
  dates: "Avoid dates that have to do with you.",
  recentYears: "Avoid recent years.",
  associatedYears: "Avoid years that have to do with you.",
  sequences: "Avoid sequences.",
  repeated: "Avoid repeated words and characters.",
  longerKeyboardPattern: "Use a longer pattern on the keyboard, with more turns.",
} as const;

/**
 * The time to look at a password grows with the square of its length. What is not in the first 64 characters can only make
 * it stronger.
 */
const MOST_CHARACTERS = 64;

/** Letters replaced by signs are undone in so many ways at the most: each is one more look at the whole password. */
const MOST_SUBSTITUTIONS = 30;

/** Of words like the user's name and email. */
const MOST_WORDS = 100;

let loading: Promise<ZxcvbnFactory> | undefined;

/**
 * Estimates how hard a password is to guess, for a form to show while one is chosen: in the browser or on the server. It
 * decides nothing: what is refused is the policy's. The first call loads the dictionaries (230 KB, compressed); the password goes nowhere.
 *
 * @param words What whoever guesses knows: the user's email and name, the name of the service.
 *
 * @example
 * const { score, warning } = await estimatePasswordStrength("lovelace1815", ["ada@example.com", "Ada Lovelace"]);
 *
 * @see https://www.usenix.org/conference/usenixsecurity16/technical-sessions/presentation/wheeler
 */
export async function estimatePasswordStrength(
  password: string,
  words: readonly string[] = [],
): Promise<PasswordStrength> {
  const estimator = await load();
  const known = words
    .slice(0, MOST_WORDS)
    .flatMap((word) => [word, ...word.split(/[^\p{L}\p{M}\p{N}]+/u, 10)]);
  const { score, feedback } = estimator.check(
    password.slice(0, MOST_CHARACTERS),
    known.filter((word) => word.length > 2),
  );
  return {
    score,
    warning: advise(WARNINGS, feedback.warning ?? ""),
    suggestions: feedback.suggestions.flatMap((code) => advise(SUGGESTIONS, code) ?? []),
  };
}

function load(): Promise<ZxcvbnFactory> {
  loading ??= make();
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

async function make(): Promise<ZxcvbnFactory> {
  const [core, common] = await Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]);
  return new core.ZxcvbnFactory({
    dictionary: common.dictionary,
    graphs: common.adjacencyGraphs,
    maxLength: MOST_CHARACTERS,
    l33tMaxSubstitutions: MOST_SUBSTITUTIONS,
  });
}

function advise<Texts extends Readonly<Record<string, string>>>(
  texts: Texts,
  code: string,
): PasswordAdvice<Extract<keyof Texts, string>> | null {
  const message = Object.hasOwn(texts, code) ? texts[code] : undefined;
  return message === undefined ? null : { code: code as Extract<keyof Texts, string>, message };
}
