import type { ApiResponse, Schema } from "./document.ts";

/** The codes that problems have, by the status they go with. */
export type ProblemCodes = ReadonlyMap<number, readonly string[]>;

const HEADERS: Readonly<Record<number, Readonly<Record<string, unknown>>>> = {
  401: { "WWW-Authenticate": header("How to authenticate (RFC 9110, 11.6.1).", { type: "string" }) },
  405: { Allow: header("The methods there are.", { type: "string" }) },
  429: { "Retry-After": header("Seconds after which to try again.", { type: "integer", minimum: 1 }) },
  503: { "Retry-After": header("Seconds after which to try again.", { type: "integer", minimum: 1 }) },
};

const WORDS: Readonly<Record<number, string>> = {
  400: "The request cannot be read.",
  401: "Nobody is signed in by this, or not any more.",
  403: "Not for whoever asks.",
  404: "There is no such thing.",
  405: "There are other methods here.",
  409: "What is there already is in the way.",
  413: "The body is too large.",
  415: "The body is of another type than is read here.",
  422: "A field is not as it must be; `errors` says which.",
  429: "Too many attempts. Nothing was looked at.",
  500: "Something went wrong that should not; the log knows what.",
  503: "This cannot be decided just now.",
};

/** The name of the response that a status has everywhere. */
export function problemName(status: number): string {
  return `Problem${status}`;
}

/** The error responses, by name: each with the codes of its status. */
export function problemResponses(codes: ProblemCodes, titles: Readonly<Record<number, string>>) {
  const responses = [...codes].map(([status, known]): [string, ApiResponse] => [
    problemName(status),
    {
      description: WORDS[status] ?? "What went wrong; `code` says what.",
      ...(HEADERS[status] === undefined ? {} : { headers: HEADERS[status] }),
      content: {
        "application/problem+json": {
          schema: problemOf(status, known),
          example: exampleOf(status, known[0] ?? "internal", titles[status] ?? "Error"),
        },
      },
    },
  ]);
  return Object.fromEntries(responses);
}

/** What every problem says: its code is one of all there are. */
export function problemSchema(schema: Schema, codes: ProblemCodes): Schema {
  const all = [...new Set([...codes.values()].flat())].toSorted();
  const fieldCodes = [...new Set([...(codes.get(409) ?? []), ...(codes.get(422) ?? [])])].toSorted();
  const errors = schema.properties?.errors;
  return {
    ...schema,
    properties: {
      ...schema.properties,
      code: { type: "string", enum: all, description: "What to decide by: it does not change, texts may." },
      ...(errors === undefined ? {} : { errors: withCodes(errors, fieldCodes) }),
    },
  };
}

function withCodes(errors: Schema, codes: readonly string[]): Schema {
  const { items = {} } = errors;
  const properties = { ...items.properties, code: { type: "string", enum: codes } };
  return { ...errors, items: { ...items, properties } };
}

function problemOf(status: number, codes: readonly string[]): Schema {
  const own = { properties: { status: { const: status }, code: { enum: codes } } };
  return { allOf: [{ $ref: "#/components/schemas/Problem" }, own] };
}

function exampleOf(status: number, code: string, title: string): object {
  return { type: `urn:authgraft:problem:${code}`, title, status, code };
}

function header(description: string, schema: Schema) {
  return { description, schema };
}
