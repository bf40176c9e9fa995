import { type ApiDocument, type Schema, schemaOf } from "../openapi/document.ts";
import { type Html, html, inline } from "./html.ts";

interface Field {
  readonly name: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

const DEEP = 4;

/** What is said of a field that must be there, or need not: of a request's the one, of an answer's the other. */
const MARKS = {
  request: [html` <span class="must">required</span>`, null],
  response: [null, html` <span class="maybe">not always</span>`],
} as const;

/** The fields of an object as a table, those of objects in it below their names. */
export function fieldTable(
  document: ApiDocument,
  caption: string,
  schema: Schema,
  side: keyof typeof MARKS,
): Html | null {
  const fields = fieldsOf(document, schema, "", 0);
  if (fields.length === 0) return null;
  return table(
    caption,
    fields.map((field) => row(document, field, side)),
  );
}

/** A table of fields or parameters. */
export function table(caption: string, rows: readonly Html[]): Html {
  return html`<div class="wide"><table aria-label="${caption}"><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** One line of it. */
export function row(
  document: ApiDocument,
  { name, schema, isRequired, description }: Field & { readonly description?: string | undefined },
  side: keyof typeof MARKS,
): Html {
  const known = schemaOf(document, schema);
  const notes = [description ?? known.description, ...limitsOf(known)].filter((note) => note !== undefined);
  return html`<tr><th scope="row"><code>${name}</code>${MARKS[side][isRequired ? 0 : 1]}</th><td>${typeOf(document, schema)}</td><td>${inline(notes.join("; "))}</td></tr>`;
}

function fieldsOf(document: ApiDocument, schema: Schema, above: string, depth: number): Field[] {
  const known = schemaOf(document, schema);
  if (depth > DEEP) return [];
  const alternatives = [...(known.anyOf ?? []), ...(known.allOf ?? [])];
  const own = Object.entries(known.properties ?? {}).flatMap(([name, inner]) => {
    const field = {
      name: `${above}${name}`,
      schema: inner,
      isRequired: known.required?.includes(name) ?? false,
    };
    return [field, ...inside(document, field, depth)];
  });
  const others = alternatives.flatMap((part) => fieldsOf(document, part, above, depth + 1));
  return [...new Map([...own, ...others].map((field) => [field.name, field])).values()];
}

function inside(document: ApiDocument, { name, schema }: Field, depth: number): Field[] {
  const known = schemaOf(document, schema);
  if (known.items !== undefined) return fieldsOf(document, known.items, `${name}[].`, depth + 1);
  return fieldsOf(document, known, `${name}.`, depth + 1);
}

/** A type in a word or two. */
function typeOf(document: ApiDocument, schema: Schema): string {
  const known = schemaOf(document, schema);
  if (known.const !== undefined) return JSON.stringify(known.const);
  if (known.enum !== undefined && known.enum.length <= 6)
    return known.enum.map((value) => JSON.stringify(value)).join(" or ");
  const parts = [...(known.anyOf ?? []), ...(known.oneOf ?? [])];
  if (known.type === undefined && parts.length > 0)
    return [...new Set(parts.map((part) => typeOf(document, part)))].join(" or ");
  if (known.items !== undefined) return `list of ${typeOf(document, known.items)}`;
  const types = typeof known.type === "string" ? [known.type] : (known.type ?? ["any"]);
  return types.map((type) => (type === "null" ? "null" : (known.format ?? type))).join(" or ");
}

function limitsOf({ minLength, maxLength, minimum, maximum, default: standard }: Schema): string[] {
  return [
    minLength === undefined ? "" : `at least ${minLength} characters`,
    maxLength === undefined ? "" : `at most ${maxLength} characters`,
    minimum === undefined ? "" : `at least ${minimum}`,
    maximum === undefined || maximum > 1e12 ? "" : `at most ${maximum}`,
    standard === undefined ? "" : `\`${JSON.stringify(standard)}\` unless given`,
  ].filter((text) => text !== "");
}
