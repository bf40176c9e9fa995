/**
 * Values that a schema permits and that code trips over. Each sample has them all, whatever its size, and
 * neighbours that differ in one respect only stand next to each other.
 */

/** Usernames, the longest of `limit` characters exactly. */
export function edgeUsernames(limit: number): readonly string[] {
  return [
    "Ada",
    "ada",
    "ADA",
    "ada ",
    " ada",
    "ada@example.com",
    "",
    "admin",
    "null",
    "NULL",
    "\\N",
    "0",
    "-1",
    "o'hara",
    "''",
    '"quoted"',
    "back\\slash",
    "tab\there",
    "100%_done",
    "$1",
    "robert'); --",
    "<b>bold</b>",
    "ren\u00e9e",
    "rene\u0301e",
    "REN\u00c9E",
    "ﬁlip",
    "straße",
    "STRASSE",
    "İstanbul",
    "ıstanbul",
    "a\u200bda",
    "👩‍👩‍👧‍👦",
    "x".repeat(limit),
    "X".repeat(limit),
    "😀".repeat(limit),
    "e\u0301".repeat(limit / 2),
    `${"名".repeat(limit - 1)}前`,
  ];
}

/** Display names of at most 50 characters. */
export const EDGE_DISPLAY_NAMES: readonly string[] = [
  "x".repeat(50),
  "🎉".repeat(50),
  "e\u0301".repeat(25),
  "Z\u0351\u036b\u0343a\u0329l\u0334g\u0320o\u0337",
  "👩🏽‍🚀 Astronaut",
  "🇪🇺🇺🇳",
  "\u202eright to left override",
  "محمد ‏بن‎ علي",
  " leading and trailing ",
  "two\nlines",
  "tab\tand \\ backslash",
  "\\N",
  "\\.",
  "O'Neill & Søns <hr>",
  "",
];

/** Email addresses, no two alike but for the case of ASCII letters; the longest of 255 characters exactly. */
export const EDGE_EMAILS: readonly string[] = [
  "ADA@EXAMPLE.COM",
  "ada+work@example.com",
  "a.d.a@example.com",
  "o'hara@example.com",
  "o'hara+o'tag@example.com",
  '"ada lovelace"@example.com',
  '"back\\\\slash"@example.com',
  "a@b.example",
  "!#$%&'*+/=?^_`{|}~-@example.com",
  // Alike but for the case of letters outside ASCII: two people, and never one.
  "\u00e9cole@example.com",
  "\u00c9cole@example.com",
  "e\u0301cole@example.com",
  "straße@example.com",
  "strasse@example.com",
  "ıda@example.com",
  "ida@example.com",
  "иван@example.com",
  "ИВАН@example.com",
  "用户@例え.example",
  "100%_wild@example.com",
  "admin@[192.0.2.1]",
  // 64 characters before the sign, and labels of at most 63 after it.
  `${"l".repeat(64)}@${`${"d".repeat(61)}.`.repeat(2)}${"e".repeat(58)}.example`,
];
