import { expect, test } from "vitest";
import { describeCaller } from "../../src/accounts/caller.ts";

test.each([
  ["nothing", {}, { userAgent: null, address: null }],
  ["empty texts", { userAgent: "", address: "" }, { userAgent: null, address: null }],
  [
    "texts that are too long",
    { userAgent: "🦊".repeat(300), address: "a".repeat(100) },
    { userAgent: "🦊".repeat(255), address: "a".repeat(64) },
  ],
  [
    "what PostgreSQL has no text for",
    { userAgent: "a\0b\uD800c", address: "192.0.2.7\0" },
    { userAgent: "ab\uFFFDc", address: "192.0.2.7" },
  ],
])("a caller of whom is known %s is stored so that it fits", (_, caller, stored) => {
  expect(describeCaller(caller)).toEqual(stored);
});
