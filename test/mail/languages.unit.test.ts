import fc from "fast-check";
import { expect, test } from "vitest";
import { languageOf, negotiateLanguage } from "../../src/mail/languages.ts";

test.each([
  [undefined, "en", "en"],
  ["", "fr", "fr"],
  ["de", "en", "de"],
  ["DE-ch", "en", "de"],
  ["de-CH-1996, en", "en", "de"],
  ["es, fr;q=0.5, de;q=0.8", "en", "de"],
  ["en;q=0.5,de;q=0.500,fr;q=0.6", "en", "fr"],
  ["es", "fr", "fr"],
  ["*", "fr", "fr"],
  ["fr;q=0, *", "fr", "en"],
  ["de;q=0", "de", "de"],
  ["es;q=1, *;q=0.1", "de", "de"],
  ["pt", "pt-BR", "pt-BR"],
  ["pt-BR;q=0.9, de;q=0.8", "pt-BR", "pt-BR"],
  ["de;q=2, fr;q=0.1", "en", "fr"],
  ["german, ;;;, fr ; q=0.3", "en", "fr"],
  ["deutsch", "en", "en"],
  ["en-US,en;q=0.9,de;q=0.8", "fr", "en"],
])("of %s, with %s as the default, comes %s", (header, standard, language) => {
  expect(negotiateLanguage(header, standard)).toBe(language);
});

test("whatever a request says, there is a language", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z*;q=.,0-9 -]{0,80}$/)),
      (header) => {
        expect(["en", "de", "fr"]).toContain(negotiateLanguage(header, "en"));
      },
    ),
  );
});

test("a language that no mails are written in is served in English", () => {
  expect(["de-AT", "fr", "pt-BR", "deu"].map((tag) => languageOf(tag).code)).toEqual([
    "de",
    "fr",
    "en",
    "en",
  ]);
});
