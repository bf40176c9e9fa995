import { type Html, html } from "./html.ts";

/** A page is for reading: what is longer is in the report for machines. */
const MOST_ENTRIES = 60;
const MOST_CHARACTERS = 2_000;
const MOST_COLUMNS = 8;
const DEEPEST = 4;

/** What a gate has found, folded away; nothing where there is none. */
export function printEvidence(evidence: Readonly<Record<string, unknown>>): Html | null {
  const entries = entriesOf(evidence);
  if (entries.length === 0) return null;
  return html`<details><summary>Evidence</summary>
${definitions(entries, 1)}
</details>
`;
}

type Entry = readonly [name: string, value: unknown];

function entriesOf(value: object): Entry[] {
  return Object.entries(value).filter(([, one]) => !isEmpty(one));
}

function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)
  );
}

function definitions(entries: readonly Entry[], depth: number): Html {
  return html`<dl class="evidence">
${entries.map(
  ([name, value]) => html`<dt>${words(name)}</dt><dd>${printValue(value, depth)}</dd>
`,
)}</dl>`;
}

/** `slowestMilliseconds` and `slowest_milliseconds` are two words. */
function words(name: string): string {
  return name.replaceAll(/(?<=[a-z\d])(?=[A-Z])|_/g, " ").toLowerCase();
}

function printValue(value: unknown, depth: number): Html {
  if (typeof value === "number") return html`${value.toLocaleString("en", { maximumFractionDigits: 3 })}`;
  if (typeof value === "boolean") return html`${value ? "yes" : "no"}`;
  if (typeof value === "string") return printText(value);
  if (typeof value !== "object" || value === null) return html``;
  if (depth >= DEEPEST) return html`<pre>${cut(JSON.stringify(value, null, 2))}</pre>`;
  return Array.isArray(value) ? printList(value, depth + 1) : definitions(entriesOf(value), depth + 1);
}

function printText(text: string): Html {
  if (text.includes("\n")) return html`<pre>${cut(text)}</pre>`;
  return isCode(text) ? html`<code>${cut(text)}</code>` : html`${cut(text)}`;
}

/** A digest, or a statement. */
function isCode(text: string): boolean {
  return (
    /^-?[\da-f]{16,}$/.test(text) || /^(select|insert|update|delete|with|alter|create|drop)\s/i.test(text)
  );
}

function printList(values: readonly unknown[], depth: number): Html {
  const shown = values.slice(0, MOST_ENTRIES);
  const rest = values.length - shown.length;
  const columns = columnsOf(shown);
  const more = rest > 0 ? html`<p>and ${rest} more</p>` : null;
  if (columns !== null) return html`${table(shown, columns, depth)}${more}`;
  return html`<ul>${shown.map((value) => html`<li>${printValue(value, depth)}</li>`)}</ul>${more}`;
}

/** What to call the columns, where all values are objects alike; null where a list says it better. */
function columnsOf(values: readonly unknown[]): readonly string[] | null {
  if (!values.every((value) => typeof value === "object" && value !== null && !Array.isArray(value)))
    return null;
  const names = new Set(values.flatMap((value) => entriesOf(value as object).map(([name]) => name)));
  return names.size > 0 && names.size <= MOST_COLUMNS ? [...names] : null;
}

function table(values: readonly unknown[], columns: readonly string[], depth: number): Html {
  const cell = (value: unknown, column: string) =>
    printValue((value as Record<string, unknown>)[column], depth);
  return html`<div class="scroll"><table>
<thead><tr>${columns.map((name) => html`<th scope="col">${words(name)}</th>`)}</tr></thead>
<tbody>
${values.map(
  (value) => html`<tr>${columns.map((column) => html`<td>${cell(value, column)}</td>`)}</tr>
`,
)}</tbody>
</table></div>`;
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
