import fc from "fast-check";
import type { ApiDocument, Schema } from "../../../src/http/openapi/document.ts";
import { schemaOf } from "../../../src/http/openapi/document.ts";

/** Texts that have broken something somewhere before. */
const TEXTS: readonly string[] = [
  ...[
    "",
    " ",
    "\0",
    "a\0b",
    "\n",
    "\u202e",
    "\ufeff",
    "\u{1f984}".repeat(40),
    "e\u0301",
    "\ud800",
    "a\udfffb",
    "ﬀ",
    "ı",
  ],
  ...[
    "null",
    "undefined",
    "NaN",
    "-1",
    "0",
    "1e400",
    "9223372036854775808",
    "-9223372036854775809",
    "true",
    "[]",
    "{}",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "'; DROP TABLE users; --",
    "$1",
    "%s%n",
    "\\",
    '"',
    "../../etc/passwd",
  ],
  ...[
    "00000000-0000-0000-0000-000000000000",
    "b6472f57-0f42-4c6d-9795-2768577b9f1c",
    "2026-13-45T99:99:99Z",
    "infinity",
  ],
  ...[
    "ada@example.com",
    "a@b",
    "ada@example.com,eve@example.com",
    "ada@\u212aample.com",
    `${"a".repeat(250)}@example.com`,
  ],
  ...[
    "agr_x",
    "ago_x",
    `ago_${"A".repeat(43)}`,
    `agr_${"A".repeat(120)}`,
    "eyJhbGciOiJub25lIn0.e30.",
    "http://evil.example/",
  ],
  ...[
    "x".repeat(72),
    "x".repeat(73),
    "x".repeat(255),
    "x".repeat(256),
    "x".repeat(5_000),
    "a tower of violins",
  ],
];

/** Any text: of every plane, with what no text should have. */
const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      maxLength: 30,
    }),
  },
);

/** A value as JSON writes it; some of them no JavaScript value is written as. */
const anyToken: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: anyText.map((text) => JSON.stringify(text)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "1e400",
      "-0",
      "9007199254740993",
      "1.5",
      "-1",
      "null",
      "true",
      "[]",
      "{}",
      '[["a"]]',
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 2, max: 60 }).map((depth) => "[".repeat(depth) + "]".repeat(depth)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{"$gt":""}',
      '{"__proto__":{"is_admin":true}}',
      '{"toString":1}',
      '{"length":-1}',
    ),
  },
);

/** Bodies that are no object of fields at all. */
const OTHER_BODIES = [
  "",
  " ",
  "null",
  "[]",
  '"text"',
  "7",
  "{",
  '{"a":}',
  "\ufeff{}",
  "{}{}",
  "[".repeat(5_000),
  '{"a":1,}',
  "{'a':1}",
];

/**
 * Bodies for a schema: what its example has, with fields that are of any value, missing, there twice or unknown. Mostly a
 * little is wrong, so that what comes after the first check is reached.
 */
export function anyBody(document: ApiDocument, schema: Schema, example: unknown): fc.Arbitrary<string> {
  const names = Object.keys(schemaOf(document, schema).properties ?? {});
  const good = Object.entries((example ?? {}) as object).map(([name, value]) =>
    field(name, JSON.stringify(value)),
  );
  const anyField = fc.tuple(fc.oneof(fc.constantFrom(...names, "unknown"), anyText), anyToken);
  const changed = fc
    .tuple(fc.array(anyField, { minLength: 1, maxLength: 2 }), fc.boolean())
    .map(([fields, twice]) => {
      const written = fields.map(([name, token]) => field(name, token));
      const others = twice
        ? good
        : good.filter((text) => !fields.some(([name]) => text.startsWith(field(name, ""))));
      return `{${[...others, ...written].join(",")}}`;
    });
  const made = fc
    .array(anyField, { maxLength: 6 })
    .map((fields) => `{${fields.map(([name, token]) => field(name, token)).join(",")}}`);
  return fc.oneof(
    { weight: 6, arbitrary: changed },
    { weight: 2, arbitrary: made },
    { weight: 1, arbitrary: fc.constantFrom(...OTHER_BODIES) },
    { weight: 1, arbitrary: fc.constant(`{${good.join(",")}}`) },
  );
}

function field(name: string, token: string): string {
  return `${JSON.stringify(name)}:${token}`;
}

/** A form with a token, or with something else. */
export const anyForm: fc.Arbitrary<string> = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom("token", "token_type_hint"), anyText), anyText), { maxLength: 3 })
  .map((pairs) => pairs.map(([name, value]) => `${percent(name)}=${percent(value)}`).join("&"));

/** Part of a path, or a value in a query; not all of it is UTF-8. */
export const anyPart: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: anyText.map(percent) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "%",
      "%00",
      "%ff",
      "%ed%a0%80",
      "%2e%2e%2f",
      "%252f",
      "a%2fb",
      "+",
      "1&1=1",
      "%u0000",
    ),
  },
);

/** Header fields that clients make up. */
export const anyHeaders: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    ...["user-agent", "accept-language", "x-forwarded-for", "x-request-id", "cookie", "origin", "accept"],
    ...["if-none-match", "last-event-id", "x-admin-api-key", "sec-fetch-site"],
  ),
  fc.oneof(
    fc.constantFrom(
      "",
      "null",
      "*",
      "q=0.5;;,",
      "1.2.3.4, ::1",
      "authgraft_refresh=a; authgraft_refresh=b",
      "authgraft_device=v1.x.y",
      "\xff\xfe",
    ),
    fc.string({
      unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
      maxLength: 40,
    }),
  ),
  { maxKeys: 3 },
);

/** A lone surrogate has no bytes; its place is taken by bytes that are none of UTF-8. */
function percent(text: string): string {
  return text.isWellFormed()
    ? encodeURIComponent(text)
    : `${encodeURIComponent(text.toWellFormed())}%ed%a0%80`;
}
