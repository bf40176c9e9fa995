import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";

declare module "hono" {
  interface ContextVariableMap {
    /** Names the request in the log and in the response. */
    requestId: string;
  }
}

const HEADER = "x-request-id";

/** Goes into logs as it is, so it holds nothing that could be another line, or one of our own tokens. */
const PLAIN = /^(?!ag[a-z]_|eyJ)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Gives each request a name: the one that a proxy gave it already, or a new one. It is in the response and in the log. */
export const requestId: MiddlewareHandler = async (context, next) => {
  const given = context.req.header(HEADER);
  const id = given !== undefined && PLAIN.test(given) ? given : randomUUID();
  context.set("requestId", id);
  context.header(HEADER, id);
  await next();
  // A response that was made elsewhere does not have it yet.
  if (!context.res.headers.has(HEADER)) context.res.headers.set(HEADER, id);
};
