import type { MiddlewareHandler } from "hono";
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
  try {
    return await limit(context, next);
  } catch (error) {
    throw new BrokenOffError(error);
  }
};
