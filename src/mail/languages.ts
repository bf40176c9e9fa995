import { DE } from "./templates/de.ts";
import { EN } from "./templates/en.ts";
import { FR } from "./templates/fr.ts";
import type { Language } from "./templates/wording.ts";

/** The languages that mails come in. */
export const LANGUAGES: readonly Language[] = [EN, DE, FR];

/** The mails in a language, or in the nearest that there are any in: English in the end. */
export function languageOf(tag: string): Language {
  return LANGUAGES.find(({ code }) => isWithin(tag, code)) ?? EN;
}

/** Characters of a header that are looked at; browsers send less than a hundred. */
const LENGTH = 1_000;

interface Range {
  readonly tag: string;
  readonly weight: number;
}

/**
 * The language that a request asks for, of those that there are: the default where it asks for none of them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4
 */
export function negotiateLanguage(header: string | undefined, standard: string): string {
  const there = [standard, ...LANGUAGES.map(({ code }) => code)];
  const ranges = parse(header ?? "");
  const refused = ranges.filter(({ weight }) => weight === 0);
  const isRefused = (tag: string) => refused.some((range) => isWithin(tag, range.tag));
  const wanted = ranges.filter(({ weight }) => weight > 0).sort((one, other) => other.weight - one.weight);
  for (const { tag } of wanted) {
    const found = there.find((one) => fits(one, tag) && !isRefused(one));
    if (found !== undefined) return found;
  }
  return standard;
}

/** `de-CH` is served by `de`, `de` by `de-AT`, and `*` by anything. */
function fits(there: string, range: string): boolean {
  return range === "*" || isWithin(range, there) || isWithin(there, range);
}

/** Whether a tag is a language or a variety of it, without regard to case (RFC 4647, 3.3.1). */
function isWithin(tag: string, language: string): boolean {
  return `${tag}-`.toLowerCase().startsWith(`${language}-`.toLowerCase());
}

/** What is no range, or has no weight that may be, is passed over. */
function parse(header: string): Range[] {
  return header
    .slice(0, LENGTH)
    .split(",")
    .flatMap((part) => {
      const match =
        /^\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i.exec(
          part,
        );
      const [, tag, weight] = match ?? [];
      return tag === undefined ? [] : [{ tag, weight: Number(weight ?? 1) }];
    });
}
