import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allowedRedirect, linkTo } from "../../src/accounts/link-pages.ts";

const ALLOWED = [
  ...["https://app.example.com/account", "https://shop.example.com", "http://localhost:3000/x/"],
  "https://query.example.com/go?app=shop",
];
const configuration = { allowedRedirects: ALLOWED };

function outcome(redirect: string): string {
  try {
    return allowedRedirect(configuration, redirect) ?? "none";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "thrown";
  }
}

describe("69. where a link may lead instead", () => {
  test.each([
    ["https://app.example.com/account", "https://app.example.com/account"],
    ["https://app.example.com/account/reset", "https://app.example.com/account/reset"],
    ["https://query.example.com/go?app=shop", "https://query.example.com/go?app=shop"],
    ["https://query.example.com/go/on?app=shop", "https://query.example.com/go/on?app=shop"],
    ["HTTPS://APP.example.com:443/account/", "https://app.example.com/account/"],
    ["https://shop.example.com", "https://shop.example.com/"],
    ["https://shop.example.com/any/page", "https://shop.example.com/any/page"],
    ["http://localhost:3000/x/y", "http://localhost:3000/x/y"],
  ])("%s is below an allowed page", (redirect, page) => {
    expect(outcome(redirect)).toBe(page);
  });

  test.each([
    "https://app.example.com",
    "https://app.example.com/accounts",
    "https://app.example.com/account-of-eve",
    "https://app.example.com/account/../admin",
    "https://app.example.com/account/%2e%2e/admin",
    "https://app.example.com/account/.%2E/admin",
    "https://app.example.com/account\\..\\admin",
    "https://app.example.com/account/..%2fadmin",
    "https://app.example.com/account/%2E%2E%2Fadmin",
    "https://app.example.com/account/..%5cadmin",
    "https://shop.example.com/%5C%5Cevil.example",
    "https://app.example.com/account?next=https://evil.example",
    "https://app.example.com/account/reset?lang=fr",
    "https://query.example.com/go",
    "https://query.example.com/go?app=evil",
    "https://query.example.com/go?app=shop&next=evil",
    "https://app.example.com.evil.example/account",
    "https://evilapp.example.com/account",
    "https://evil.example/https://app.example.com/account",
    "https://app.example.com@evil.example/account",
    "https://app.example.com:443@evil.example/account",
    "https://eve@app.example.com/account",
    "https://eve:secret@app.example.com/account",
    "https://:@app.example.com.evil.example/account",
    "https://evil.example\\@app.example.com/account",
    "https:\\\\evil.example/account",
    "//evil.example/account",
    "/account",
    "account",
    "",
    " ",
    "https://app.example.com:8443/account",
    "http://app.example.com/account",
    "https://app.example.com/account#token=eve",
    "https://app.example.com/account#",
    "https://shop.example.com./",
    "https://shop。example.com.evil.example/",
    "javascript:alert(1)//https://app.example.com/account",
    "data:text/html,https://app.example.com/account",
    "file:///account",
    "blob:https://shop.example.com/account",
    "http://localhost:3000/x",
    "http://localhost:30001/x/",
    "https://app.example.com/account\0.evil.example",
  ])("%j is not", (redirect) => {
    expect(outcome(redirect)).toBe("redirect_refused");
  });

  test("whatever is let through is an allowed page, or below one, to a browser too", () => {
    const piece = fc.constantFrom(
      ...["https:", "http:", "//", "/", "\\", "@", ":", ".", "..", "%2e", "%2f", "#", "?", "\t", "\n", " "],
      ...[
        "app.example.com",
        "shop.example.com",
        "evil.example",
        "account",
        "localhost:3000",
        "x",
        "。",
        "\0",
      ],
    );
    const text = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
    const started = fc.tuple(fc.constantFrom(...ALLOWED, ""), text).map((pieces) => pieces.join(""));
    let allowed = 0;
    fc.assert(
      fc.property(started, (redirect) => {
        const page = outcome(redirect);
        if (page === "redirect_refused") return;
        allowed += 1;
        const { origin, pathname, username, password, href } = new URL(page);
        expect({ username, password, hasFragment: href.includes("#") }).toEqual({
          ...{ username: "", password: "", hasFragment: false },
        });
        const places: Record<string, RegExp> = {
          "https://app.example.com": /^\/account(\/|$)/,
          "https://shop.example.com": /^\//,
          "http://localhost:3000": /^\/x\//,
          "https://query.example.com": /^\/go(\/|$)/,
        };
        expect(pathname).toMatch(places[origin] ?? /nowhere/);
      }),
      { numRuns: 5_000 },
    );
    expect(allowed).toBeGreaterThan(100);
  });

  test("without any in the configuration, nowhere", () => {
    expect(() => allowedRedirect({ allowedRedirects: [] }, "http://localhost:8080/account")).toThrow();
    expect(allowedRedirect({ allowedRedirects: [] }, undefined)).toBeUndefined();
  });
});

test("the token of a link is in the fragment, on the page that the configuration names", () => {
  const settings = { publicUrl: "https://shop.example.com/sign-in", links: {} };
  expect(linkTo(settings, "claim", "ago_x")).toBe(
    "https://shop.example.com/sign-in/account/claim#token=ago_x",
  );
  const own = { ...settings, links: { claim: "https://app.example.com/welcome?from=mail" } };
  expect(linkTo(own, "claim", "ago_x")).toBe("https://app.example.com/welcome?from=mail#token=ago_x");
});
