import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { BrokenOffError } from "../broken-off.ts";
import { problemResponse } from "../problem.ts";

/** Bytes. The longest fields there are, in the longest encoding JSON has for them, fit many times. */
const MAXIMUM = 16_384;

const limit = bodyLimit({
  maxSize: MAXIMUM,
  onError: () =>
    problemResponse({
      status: 413,
      code: "body_too_large",
      detail: `A request body may have at most ${MAXIMUM} bytes.`,
      // What is left of the body is not waited for, and no second request can follow it.
      headers: { connection: "close" },
    }),
});

/** Refuses a body that is larger than any request needs. */
export const limitBody: MiddlewareHandler = async (context, next) => {
  // Looking for a body that nobody announced costs as much as the rest of a small request.
  if (!announcesBody(context)) return next();
  try {
    return await limit(context, next);
  } catch (error) {
    throw new BrokenOffError(error);
  }
};

/** RFC 9112, 6.3: a request without either has no body. A client of the Fetch API need not say so itself. */
function announcesBody({ req }: Context): boolean {
  const isPlain = req.method === "GET" || req.method === "HEAD";
  return (
    !isPlain || req.header("content-length") !== undefined || req.header("transfer-encoding") !== undefined
  );
}
