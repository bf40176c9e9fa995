import type { Context, MiddlewareHandler, Next } from "hono";
import { BrokenOffError } from "../broken-off.ts";
import { problemResponse } from "../problem.ts";

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/**
 * Lets a request through only with a body of JSON in UTF-8 (RFC 8259). Broken UTF-8 is refused, not
 * repaired: two different passwords must never become the same one.
 */
export const jsonBody: MiddlewareHandler = async (context, next) => {
  if (!isJsonType(context)) {
    return problemResponse({
      status: 415,
      code: "media_type_unsupported",
      detail: "Send the body as application/json.",
    });
  }
  return passIfJson(context, next);
};

/** The same for a route that can do without a body. Many a client names a type whether it sends a body or not. */
export const optionalJsonBody: MiddlewareHandler = async (context, next) => {
  if ((await readBody(context)).byteLength > 0) return jsonBody(context, next);
  context.req.raw = withoutType(context.req.raw);
  return next();
};

function withoutType({ url, method, headers, signal }: Request): Request {
  const others = [...headers].filter(([name]) => name !== "content-type");
  return new Request(url, { method, headers: others as [string, string][], signal });
}

function isJsonType({ req }: Context): boolean {
  return JSON_TYPE.test(req.header("content-type") ?? "");
}

async function passIfJson(context: Context, next: Next): Promise<Response | undefined> {
  if (!isJson(await readBody(context))) {
    return problemResponse({ status: 400, code: "body_invalid", detail: "The body is not valid JSON." });
  }
  await next();
  return undefined;
}

async function readBody({ req }: Context): Promise<ArrayBuffer> {
  try {
    return await req.arrayBuffer();
  } catch (error) {
    throw new BrokenOffError(error);
  }
}

function isJson(bytes: ArrayBuffer): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}
