import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { type ApiDocument, responseOf, type Schema } from "../../src/http/openapi/document.ts";
import type { Answer, TestAuth } from "./auth.ts";

/** Says what is wrong with a value; nothing where a schema of the description takes it. */
export type Validate = (schema: Schema, value: unknown) => readonly string[];

/** How answers compare with what the description says. */
export interface Contract {
  readonly document: ApiDocument;
  /** What is wrong with an answer to a request; an operation that is not described has only problems to answer. */
  check(method: string, path: string, answer: Answer): readonly string[];
  /** How often each answer was seen, as `GET /healthz 200`. */
  readonly seen: ReadonlyMap<string, number>;
}

/** Makes ready to hold values against the schemas of a description, and no field more than they have. */
export function validatorOf(document: ApiDocument): Validate {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  // A package of another module system: its function is one level down.
  (formats as unknown as { default: (ajv: Ajv2020) => void }).default(ajv);
  const shared = { components: closed(document.components), open: document.components };
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(schema);
    const validate = compiled.get(text) ?? ajv.compile({ ...(closed(schema) as object), ...shared });
    compiled.set(text, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      return `${instancePath || "/"} ${message} ${JSON.stringify(params)}`;
    });
  };
}

/** The description of what is served, and a book of what was answered. */
export async function openContract(auth: Pick<TestAuth, "get">): Promise<Contract> {
  const document: ApiDocument = (await auth.get("/openapi.json")).body;
  const validate = validatorOf(document);
  const seen = new Map<string, number>();
  return {
    document,
    seen,
    check(method, path, answer) {
      const operation = operationAt(document, method, path);
      const key = `${operation?.name ?? `${method} ?`} ${answer.status}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      return complaints(document, validate, operation?.operation.responses, answer, method);
    },
  };
}

/** The same requests, each answer held against the description: `fail` is told what does not fit. */
export function withContract(
  auth: TestAuth,
  contract: Contract,
  fail: (complaint: string) => void = (complaint) => {
    throw new Error(complaint);
  },
): TestAuth {
  const checked = async (method: string, path: string, asked: Promise<Answer>) => {
    const answer = await asked;
    for (const complaint of contract.check(method, path, answer))
      fail(`${method} ${path} ${answer.status}: ${complaint}`);
    return answer;
  };
  return {
    ...auth,
    send: (path, init) => checked(init.method ?? "GET", path, auth.send(path, init)),
    get: (path, request) => checked("GET", path, auth.get(path, request)),
    post: (path, body, request) => checked("POST", path, auth.post(path, body, request)),
  };
}

/** The operation that takes a request, by its name in the description. */
function operationAt(document: ApiDocument, method: string, target: string) {
  const [path = ""] = target.split("?", 1);
  const names = Object.keys(document.paths).filter((pattern) => fits(pattern, path));
  // `/a/b` is nearer to itself than `/a/{id}` is.
  const pattern = names.toSorted((a, b) => a.split("{").length - b.split("{").length)[0];
  const methods = document.paths[pattern ?? ""];
  const operation = methods?.[method.toLowerCase()] ?? (method === "HEAD" ? methods?.get : undefined);
  if (operation === undefined) return undefined;
  return { name: `${method.toUpperCase()} ${pattern}`, operation };
}

function fits(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  if (wanted.length !== given.length) return false;
  return wanted.every((part, i) => (part.startsWith("{") ? given[i] !== "" : part === given[i]));
}

function complaints(
  document: ApiDocument,
  validate: Validate,
  responses: NonNullable<ReturnType<typeof operationAt>>["operation"]["responses"] = {},
  answer: Answer,
  method: string,
): readonly string[] {
  const { status, text, headers } = answer;
  const found = responses[status] ?? (status >= 400 ? { $ref: "#/components/responses/Problem" } : undefined);
  if (found === undefined) return [`the status ${status} is not described`];
  const { content, headers: described = {} } = responseOf(document, found);
  const missing = Object.keys(described).filter((name) => !headers.has(name));
  if (missing.length > 0) return [`it has no ${missing.join(", ")}`];
  if (content === undefined || method === "HEAD")
    return text === "" ? [] : ["a body where none is described"];
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  const media = content[type];
  if (media === undefined) return [`the type ${type} is not described`];
  if (media.schema === undefined || !type.includes("json")) return [];
  return validate(media.schema, answer.body);
}

/**
 * Objects that are described have no field but those that are described. Where several descriptions make one object
 * together, each of them is open, and the whole is not.
 */
function closed(value: unknown, isPart = false): unknown {
  if (Array.isArray(value)) return value.map((item) => closed(item));
  if (typeof value !== "object" || value === null) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      if (key === "allOf" && Array.isArray(child)) return [key, child.map((part) => closed(part, true))];
      if (key === "$ref" && isPart) return [key, String(child).replace("#/components/", "#/open/")];
      return [key, closed(child)];
    }),
  );
  if (isPart || "additionalProperties" in value) return inner;
  if ("allOf" in value) return { ...inner, unevaluatedProperties: false };
  const isObject = "properties" in value && "type" in value && value.type === "object";
  return isObject ? { ...inner, additionalProperties: false } : inner;
}
