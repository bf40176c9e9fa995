import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refuseGuessable } from "../../src/passwords/policy/context-words.ts";

const ADA = {
  email: "ada.byron@mail.analytical.example",
  username: "countess_7",
  displayName: "Ada Lovelace",
};

const codeFor = (password: string, owner = ADA, words = ["Violin Tower", "authgraft"]) =>
  refuseGuessable(password, owner, words)?.code ?? null;

describe("9: a password that is little more than what everybody knows of its owner is refused", () => {
  test.each([
    ["the email", "ada.byron@mail.analytical.example"],
    ["the email in capitals", "ADA.BYRON@MAIL.ANALYTICAL.EXAMPLE"],
    ["what is before the @", "ada.byron"],
    ["the same without the dot", "adabyron"],
    ["a part of it, and a year", "byron1815"],
    ["the domain's name", "analytical"],
    ["the username", "countess_7"],
    ["the username and some digits", "countess_7123"],
    ["a word of the username", "countess"],
    ["the display name", "Ada Lovelace"],
    ["the display name without the space", "adalovelace"],
    ["a word of the display name and a year", "Lovelace1815"],
    ["a word with a year and a mark", "Lovelace1815!"],
    ["a word with something before it", "xx_lovelace"],
    ["a word twice", "lovelacelovelace"],
    ["the words in another order", "lovelace-ada"],
    ["words of different origin", "ada@authgraft"],
    ["the service's name", "authgraft"],
    ["the service's name and a number", "Authgraft123"],
    ["a configured name of two words", "violintower"],
    ["one of its words", "violin-2026"],
    ["a word in full width", "ｌｏｖｅｌａｃｅ"],
  ])("%s: %s", (_, password) => {
    expect(codeFor(password)).toBe("password_guessable");
  });

  test.each([
    ["a passphrase that holds the name", "lovelace wrote the first program"],
    ["a word, and more than a few characters", "lovelace-x7Kq9z"],
    ["a short word by chance", "adaptive"],
    ["the top-level domain by chance", "examples"],
    ["something else", "correct horse"],
    ["nothing but spaces", "        "],
  ])("but not %s: %s", (_, password) => {
    expect(codeFor(password)).toBeNull();
  });

  test("initials and two-letter labels are no such words", () => {
    expect(
      codeFor("a.l.a.l.", { email: "a.l@a.l.co.example", username: "al", displayName: "A L" }, []),
    ).toBeNull();
  });

  test("somebody of whom nothing is known has no such words", () => {
    expect(refuseGuessable("lovelace", {}, [])).toBeNull();
    expect(refuseGuessable("lovelace", { email: "", username: "", displayName: "" }, [])).toBeNull();
  });

  test("every word of four letters or more, with up to four characters around it or repeated", () => {
    const word = fc.string({
      unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz"),
      minLength: 4,
      maxLength: 20,
    });
    const added = fc.string({ unit: fc.constantFrom(..."0123456789!?#"), maxLength: 2 });
    fc.assert(
      fc.property(word, added, added, fc.integer({ min: 1, max: 3 }), (name, before, after, times) => {
        const password = `${before}${name.toUpperCase().repeat(times)}${after}`;
        expect(refuseGuessable(password, { username: name }, [])?.code).toBe("password_guessable");
        expect(refuseGuessable(password, { displayName: `${name} Doe` }, [])?.code).toBe(
          "password_guessable",
        );
        expect(refuseGuessable(password, { email: `${name}@example.com` }, [])?.code).toBe(
          "password_guessable",
        );
        expect(refuseGuessable(password, {}, [name])?.code).toBe("password_guessable");
      }),
    );
  });

  test("no password that holds six characters or more besides the owner's words", () => {
    const others = fc.string({ unit: fc.constantFrom(..."0123456789!?#"), minLength: 6, maxLength: 40 });
    fc.assert(
      fc.property(others, others, (before, after) => {
        expect(codeFor(`${before}lovelace${after}`)).toBeNull();
        expect(codeFor(`lovelace${after}`)).toBeNull();
      }),
    );
  });

  test("whatever was sent is judged, and no judgement repeats it", () => {
    const text = fc.string({ unit: "binary", maxLength: 80 });
    fc.assert(
      fc.property(text, text, text, text, (password, email, username, displayName) => {
        const refusal = refuseGuessable(password, { email, username, displayName }, [displayName]);
        if (password.length > 8) expect(refusal?.message ?? "").not.toContain(password);
      }),
    );
  });
});
