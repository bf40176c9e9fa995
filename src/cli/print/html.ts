/** Text that is HTML already: every part of it that came from outside is escaped. Only the tag makes it. */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** @internal of this file: the parts of a literal are the author's own. */
  static join(literals: readonly string[], values: readonly HtmlValue[]): Html {
    let text = literals[0] ?? "";
    values.forEach((value, index) => {
      text += render(value) + (literals[index + 1] ?? "");
    });
    return new Html(text);
  }

  toString(): string {
    return this.#text;
  }
}

/** What stands between the parts of a literal: HTML as it is, everything else as text. */
export type HtmlValue = Html | string | number | null | readonly HtmlValue[];

/** Puts HTML together; every value is escaped that is not HTML itself, in text and in quoted attributes. */
export function html(literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.join(literals, values);
}

function render(value: HtmlValue): string {
  if (value === null) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
  return value.map(render).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
