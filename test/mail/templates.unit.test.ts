import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MailKind } from "../../src/config/own-functions.ts";
import { LANGUAGES } from "../../src/mail/languages.ts";
import { EN } from "../../src/mail/templates/en.ts";
import { writeLetter } from "../../src/mail/write-letter.ts";

const KINDS = Object.keys(EN.mails) as MailKind[];
const WITH_LINK: readonly MailKind[] = [
  "verify-email",
  "reset-password",
  "change-email-confirm",
  "change-email-approve",
  "register-confirm",
];
const LINK = "https://shop.example.com/account?a=1&b=2#token=ago_abc";
const WHOLE = {
  application: "Shop",
  link: LINK,
  linkSeconds: 86_400,
  name: "Ada",
  newEmail: "new@example.com",
};

const each = LANGUAGES.flatMap(({ code }) => KINDS.map((kind) => [kind, code] as const));

/** The tags of a page and their attributes, without their values and without text. */
function tagsOf(html: string): string[] {
  return [...html.matchAll(/<(!?\/?[a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/gi)].map(
    ([, name, attributes = ""]) => `${name} ${attributes.replace(/="[^"]*"/g, "").trim()}`,
  );
}

describe("a mail in each language", () => {
  test("is there for every kind", () => {
    for (const { mails } of LANGUAGES) expect(Object.keys(mails).sort()).toEqual([...KINDS].sort());
    expect(LANGUAGES.map(({ code }) => code)).toEqual(["en", "de", "fr"]);
  });

  test.for(each)("%s in %s has a subject, and the same words as text and as HTML", ([kind, code]) => {
    const { subject, text, html } = writeLetter(kind, WHOLE, code);
    expect(subject).toContain("Shop");
    expect(subject).not.toMatch(/undefined|null|Ada/);
    expect(text).not.toMatch(/undefined|null|<[a-z]/);
    expect(html).toContain(`<html lang="${code}">`);
    expect(html).toContain(`<title>${subject}</title>`);
    const shown = html
      .replace(/<[^>]*>/g, "\n")
      .replaceAll("&amp;", "&")
      .replaceAll("&#39;", "'");
    for (const line of text.split("\n").filter((one) => one.length > 3)) {
      expect(shown).toContain(line.replace(/:$/, ""));
    }
  });

  test.for(each)("%s in %s has the link in both, as a text too", ([kind, code]) => {
    const { text, html } = writeLetter(kind, WHOLE, code);
    const escaped = LINK.replace("&", "&amp;");
    expect(text.split("\n")).toContain(LINK);
    expect(html.split(`href="${escaped}"`)).toHaveLength(3);
    expect(html).toContain(`>${escaped}</a>`);
  });

  test.for(each)(
    "%s in %s says nothing of a link, a name or an address that there is none of",
    ([kind, code]) => {
      const { text, html } = writeLetter(kind, { application: "Shop" }, code);
      expect(text + html).not.toMatch(/undefined|null|href|Ada|@/);
    },
  );

  test("fetches nothing, and runs nothing", () => {
    for (const [kind, code] of each) {
      expect(writeLetter(kind, WHOLE, code).html).not.toMatch(
        /<(img|script|link|iframe)|url\(|\bsrc=|@import/i,
      );
    }
  });

  test("has words of its own on each link", () => {
    for (const { mails, anyLink } of LANGUAGES) {
      const actions = WITH_LINK.map((kind) => mails[kind]({ application: "Shop", newEmail: null }).action);
      expect(new Set([...actions, anyLink]).size).toBe(WITH_LINK.length + 1);
    }
  });

  test.each([
    ["en", 3_600, "1 hour"],
    ["en", 86_400, "24 hours"],
    ["en", 604_800, "7 days"],
    ["en", 5_400, "90 minutes"],
    ["en", 30, "1 minute"],
    ["de", 86_400, "24 Stunden"],
    ["de", 604_800, "7 Tage"],
    ["fr", 604_800, "7 jours"],
  ])("says in %s for how long a link of %i seconds works", (code, linkSeconds, words) => {
    const { text } = writeLetter("reset-password", { ...WHOLE, linkSeconds }, code);
    expect(text.replaceAll("\u00a0", " ")).toContain(words);
  });
});

test("whatever a name, an address, an application or a link holds, it is text in the HTML", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom(
      '"><script>alert(1)</script>',
      "</title><img src=x onerror=y>",
      "' onclick='x",
      "&lt;b&gt;",
      "<!--",
    ),
  );
  const details = fc.record({ application: hostile, link: hostile, name: hostile, newEmail: hostile });
  fc.assert(
    fc.property(details, fc.constantFrom(...each), (given, [kind, code]) => {
      const { subject, html } = writeLetter(kind, { ...given, linkSeconds: 60 }, code);
      expect(tagsOf(html)).toEqual(tagsOf(writeLetter(kind, WHOLE, code).html));
      expect(html.split("<")).toHaveLength(tagsOf(html).length + 1);
      expect(subject).not.toMatch(/[\r\n\0]/);
    }),
    { numRuns: 200 },
  );
});

test.each([
  ["en", "do not open the link", "you will be asked for the password that you chose"],
  ["de", "öffnen Sie den Link nicht", "nach dem Passwort gefragt, das Sie gewählt haben"],
  ["fr", "n’ouvrez pas le lien", "le mot de passe que vous avez choisi vous sera demandé"],
])("who has not registered is told not to follow the link: %s", (code, doNotOpen, asked) => {
  for (const kind of ["verify-email", "register-confirm"] as const) {
    expect(writeLetter(kind, WHOLE, code).text).toContain(doNotOpen);
  }
  expect(writeLetter("register-confirm", WHOLE, code).text).toContain(asked);
});

test("nobody is greeted with an advertisement in place of a name", () => {
  const greeting = (name: string) =>
    writeLetter("verify-email", { ...WHOLE, name }, "en").text.split("\n")[0];
  expect(greeting("Ada Lovelace")).toBe("Hello Ada Lovelace,");
  expect(greeting("Dr. Ada B. Lovelace")).toBe("Hello Dr. Ada B. Lovelace,");
  expect(greeting("山田 太郎")).toBe("Hello 山田 太郎,");
  expect(greeting("Ada III 2000")).toBe("Hello Ada III 2000,");
  expect(greeting("Ada\r\nBcc: x")).toBe("Hello,");
  for (const name of [
    "evil.example",
    "https://evil",
    "www evil",
    "a@b",
    "Call 0900123456",
    "Call 09 00 12 34",
    "Call +49 (0) 900-12",
    "Call ٠٩٠٠١٢",
    "Call ０９-００-１２",
    "evil。example",
    "evil．example",
    "evil｡example",
    "evil․example",
    "ｅｖｉｌ．ｅｘａｍｐｌｅ",
    "ｗｗｗ evil",
    "ada＠evil",
    "evil 4.example",
    "evil .example",
    "x".repeat(61),
    " ",
    "<b>",
  ])
    expect(greeting(name)).toBe("Hello,");
});
