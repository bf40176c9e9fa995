import { type Html, html } from "./html.ts";

/** A page is for reading: what is longer is in the report for machines. */
const MOST_ENTRIES = 40;
const MOST_CHARACTERS = 2_000;

/** What a gate has found, folded away; nothing where there is none. */
export function printEvidence(evidence: Readonly<Record<string, unknown>>): Html | null {
  const entries = Object.entries(evidence).filter(([, value]) => !isEmpty(value));
  if (entries.length === 0) return null;
  return html`<details><summary>Evidence</summary>
<dl class="evidence">
${entries.map(
  ([name, value]) => html`<dt>${words(name)}</dt><dd>${printValue(value)}</dd>
`,
)}</dl>
</details>
`;
}

function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)
  );
}

/** `slowestMilliseconds` and `slowest_milliseconds` are two words. */
function words(name: string): string {
  return name.replaceAll(/(?<=[a-z\d])(?=[A-Z])|_/g, " ").toLowerCase();
}

function printValue(value: unknown): Html {
  if (Array.isArray(value)) return printList(value);
  if (typeof value === "number") return html`${value.toLocaleString("en", { maximumFractionDigits: 3 })}`;
  if (typeof value === "boolean") return html`${value ? "yes" : "no"}`;
  if (typeof value === "string") return printText(value);
  return html`<pre>${cut(JSON.stringify(value, null, 2) ?? "")}</pre>`;
}

function printText(text: string): Html {
  if (text.includes("\n")) return html`<pre>${cut(text)}</pre>`;
  return isCode(text) ? html`<code>${cut(text)}</code>` : html`${cut(text)}`;
}

/** A digest, or a statement. */
function isCode(text: string): boolean {
  return /^[\da-f]{16,}$/.test(text) || /^(select|insert|update|delete|with|alter|create|drop)\s/i.test(text);
}

function printList(values: readonly unknown[]): Html {
  const rest = values.length - MOST_ENTRIES;
  return html`<ul>${values.slice(0, MOST_ENTRIES).map((value) => html`<li>${printValue(value)}</li>`)}${
    rest > 0 ? html`<li>and ${rest} more</li>` : null
  }</ul>`;
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
