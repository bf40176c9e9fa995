import { execFileSync } from "node:child_process";
import { join } from "node:path";
import {
  type ApiDocument,
  type ApiOperation,
  responseOf,
  type Schema,
  schemaOf,
} from "../../../src/http/openapi/document.ts";
import { ROOT } from "../../docs/support/pages.ts";
import { writeType } from "./write-types.ts";

const HEAD = [
  "// Written from the schemas of the routes by `npm test -- test/client/operations --update`; a test holds it to them.",
  "",
].join("\n");

interface Placed {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: ApiOperation;
}

/** The operations of a description as the client has them: their types, and where they are. */
export function writeOperations(document: ApiDocument): string {
  const operations = operationsOf(document);
  const { Problem, ...schemas } = document.components.schemas;
  const text = [
    HEAD,
    ...Object.entries({ ...schemas, Problem: Problem ?? {} }).map(
      ([name, schema]) => `export type ${name} = ${writeType(schema)};`,
    ),
    "/** What each operation takes and answers. */",
    `export interface Operations { ${operations.map((placed) => writeTypes(placed)).join("\n")} }`,
    "/** Where each operation is, and how it is called. */",
    `export const OPERATIONS = { ${operations.map((placed) => writeRow(document, placed)).join(",\n")} } as const;`,
  ].join("\n\n");
  return format(text);
}

function operationsOf(document: ApiDocument): Placed[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ name: operation.operationId ?? "", method: method.toUpperCase(), path, operation },
    })),
  );
}

function writeTypes({ name, method, path, operation }: Placed): string {
  const { summary = "" } = operation;
  return `/** ${summary}: \`${method} ${path}\` */ readonly ${name}: { readonly input: ${inputOf(operation)}; readonly output: ${outputOf(operation)} };`;
}

/** Path, query and body together: no operation has one name in two of them. */
function inputOf({ parameters = [], requestBody }: ApiOperation): string {
  const named = parameters.filter(({ in: where }) => where === "path" || where === "query");
  const required = named.filter((parameter) => parameter.required).map(({ name }) => name);
  const properties = Object.fromEntries(named.map(({ name, schema }) => [name, schema]));
  const parts = [
    ...(named.length === 0 ? [] : [writeType({ type: "object", properties, required })]),
    ...Object.values(requestBody?.content ?? {}).map(({ schema = {} }) => writeType(schema)),
  ];
  return parts.length === 0 ? "Readonly<Record<string, never>>" : parts.join(" & ");
}

function outputOf({ responses }: ApiOperation): string {
  const answers = Object.entries(responses).filter(([status]) => /^2/.test(status));
  const types = answers.map(([, response]) => {
    const [[type, media] = []] = "content" in response ? Object.entries(response.content ?? {}) : [];
    if (type === undefined) return "undefined";
    if (type === "text/event-stream") return "Response";
    return type.includes("json") ? writeType(media?.schema ?? {}) : "string";
  });
  return [...new Set(types)].join(" | ");
}

function writeRow(document: ApiDocument, { name, method, path, operation }: Placed): string {
  const { parameters = [], requestBody, security = [] } = operation;
  const [[type, media] = []] = Object.entries(requestBody?.content ?? {});
  const body = schemaOf(document, media?.schema ?? {}).properties ?? {};
  const queries = parameters.filter(({ in: where }) => where === "query").map((query) => query.name);
  const ways = security.flatMap((one) => Object.keys(one));
  const flags = {
    ...(ways.length === 0 ? {} : { auth: ways }),
    ...(queries.length === 0 ? {} : { query: queries }),
    ...(type === undefined ? {} : { body: type.includes("json") ? "json" : "form" }),
    ...("refresh" in body ? { choosesTransport: true } : {}),
    ...("refresh_token" in body ? { takesRefreshToken: true } : {}),
    ...(signsIn(document, operation) ? { signsIn: true } : {}),
  };
  return `${name}: ${JSON.stringify({ method, path, ...flags })}`;
}

function signsIn(document: ApiDocument, { responses }: ApiOperation): boolean {
  const isSignedIn = (schema: Schema = {}): boolean =>
    schema.$ref === "#/components/schemas/SignedIn" || (schema.anyOf ?? []).some(isSignedIn);
  return Object.values(responses).some((response) =>
    Object.values(responseOf(document, response).content ?? {}).some(({ schema }) => isSignedIn(schema)),
  );
}

function format(text: string): string {
  const biome = join(ROOT, "node_modules/@biomejs/biome/bin/biome");
  const args = [biome, "format", "--stdin-file-path=src/client/operations.ts"];
  return execFileSync(process.execPath, args, { cwd: ROOT, input: text, encoding: "utf8" });
}
