import type { ApiDocument, ApiOperation, ApiResponse, MediaType, Reference, Schema } from "./document.ts";
import { exampleOf } from "./examples.ts";
import { chapterOf, chaptersOf, operationIdOf } from "./names.ts";
import { type ProblemCodes, problemName, problemResponses, problemSchema } from "./problems.ts";

/** What is the same for all routes, and so said here once. */
export interface Common {
  readonly codes: ProblemCodes;
  readonly titles: Readonly<Record<number, string>>;
}

/** Any route may fail. */
const ALWAYS = ["500", "default"];

/** Completes what the routes say of themselves: names, chapters, error responses with their codes, examples. */
export function completeDocument(document: ApiDocument, { codes, titles }: Common): ApiDocument {
  const { schemas, ...components } = document.components;
  const { Problem = {} } = schemas;
  const described: ApiDocument = {
    ...document,
    tags: chaptersOf(Object.keys(document.paths)),
    components: {
      ...components,
      schemas: { ...schemas, Problem: problemSchema(Problem, codes) },
      responses: { ...components.responses, ...problemResponses(codes, titles), Problem: ANY_PROBLEM },
    },
  };
  const paths = Object.entries(document.paths).map(([path, methods]) => {
    const operations = Object.entries(methods).map(([method, operation]) => {
      return [method, completeOperation(described, { method, path, operation }, codes)];
    });
    return [path, Object.fromEntries(operations)];
  });
  return { ...described, paths: Object.fromEntries(paths) };
}

const ANY_PROBLEM: ApiResponse = {
  description: "What went wrong; `code` says what.",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: ApiOperation;
}

function completeOperation(
  document: ApiDocument,
  { method, path, operation }: Placed,
  codes: ProblemCodes,
): ApiOperation {
  const statuses = [...new Set([...Object.keys(operation.responses), ...ALWAYS])].toSorted();
  const responses = statuses.map((status) => {
    return [status, completeResponse(document, status, operation.responses[status], codes)];
  });
  const { requestBody } = operation;
  return {
    operationId: operationIdOf(method, path),
    tags: [chapterOf(path)],
    ...operation,
    ...(requestBody === undefined
      ? {}
      : { requestBody: { ...requestBody, content: withExamples(document, requestBody.content, "request") } }),
    responses: Object.fromEntries(responses),
  };
}

function completeResponse(
  document: ApiDocument,
  status: string,
  response: ApiResponse | Reference | undefined,
  codes: ProblemCodes,
): ApiResponse | Reference {
  if (status === "default") return { $ref: "#/components/responses/Problem" };
  if (codes.has(Number(status))) return { $ref: `#/components/responses/${problemName(Number(status))}` };
  if (response === undefined || "$ref" in response) return ANY_PROBLEM;
  const { content } = response;
  if (content === undefined) return response;
  return { ...response, content: withExamples(document, content, "response") };
}

function withExamples(
  document: ApiDocument,
  content: Readonly<Record<string, MediaType>>,
  side: "request" | "response",
): Readonly<Record<string, MediaType>> {
  const completed = Object.entries(content).map(([type, media]): [string, MediaType] => {
    const isJson = /json/.test(type);
    const example = media.example ?? (isJson ? exampleFor(document, media.schema, side) : undefined);
    return [type, example === undefined ? media : { ...media, example }];
  });
  return Object.fromEntries(completed);
}

function exampleFor(
  document: ApiDocument,
  schema: Schema | undefined,
  side: "request" | "response",
): unknown {
  return schema === undefined ? undefined : exampleOf(document, schema, side);
}
