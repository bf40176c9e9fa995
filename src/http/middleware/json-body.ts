import type { MiddlewareHandler } from "hono";
import { problemResponse } from "../problem.ts";

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/**
 * Lets a request through only with a body of JSON in UTF-8 (RFC 8259). Broken UTF-8 is refused, not
 * repaired: two different passwords must never become the same one.
 */
export const jsonBody: MiddlewareHandler = async (context, next) => {
  if (!JSON_TYPE.test(context.req.header("content-type") ?? "")) {
    return problemResponse({
      status: 415,
      code: "media_type_unsupported",
      detail: "Send the body as application/json.",
    });
  }
  if (!isJson(await context.req.arrayBuffer())) {
    return problemResponse({ status: 400, code: "body_invalid", detail: "The body is not valid JSON." });
  }
  return next();
};

function isJson(bytes: ArrayBuffer): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}
