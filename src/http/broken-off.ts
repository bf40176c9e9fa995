import { HTTPException } from "hono/http-exception";

/** The client hung up before its body was whole: nobody's mistake that could be mended here. */
export class BrokenOffError extends HTTPException {
  constructor(cause: unknown) {
    super(400, { message: "The body was broken off.", cause });
  }
}
