import { bodyLimit } from "hono/body-limit";
import { problemResponse } from "../problem.ts";

/** Bytes. The longest fields there are, in the longest encoding JSON has for them, fit many times. */
const MAXIMUM = 16_384;

/** Refuses a body that is larger than any request needs. */
export const limitBody = bodyLimit({
  maxSize: MAXIMUM,
  onError: () =>
    problemResponse({
      status: 413,
      code: "body_too_large",
      detail: `A request body may have at most ${MAXIMUM} bytes.`,
    }),
});
