import type { Context } from "hono";
import { BrokenOffError } from "./broken-off.ts";
import { ProblemError } from "./problem.ts";

const FORM_TYPE = /^application\/x-www-form-urlencoded(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/** The body of the routes that OAuth clients know, for the description of the API. */
export const TOKEN_FORM = {
  required: true,
  content: {
    "application/x-www-form-urlencoded": {
      schema: {
        type: "object" as const,
        properties: { token: { type: "string" as const }, token_type_hint: { type: "string" as const } },
        required: ["token"],
      },
    },
  },
};

/**
 * The `token` of a form, from the body only. Parameters that are not known are passed over, `token_type_hint` as
 * well: what a token is can be seen by looking at it.
 *
 * @throws ProblemError where there is none, or there are several.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
 */
export async function readToken(context: Context): Promise<string> {
  if (!FORM_TYPE.test(context.req.header("content-type") ?? "")) {
    throw new ProblemError({
      status: 415,
      code: "media_type_unsupported",
      detail: "Send the body as application/x-www-form-urlencoded.",
    });
  }
  const [token, ...others] = new URLSearchParams(await readText(context)).getAll("token");
  if (token !== undefined && token !== "" && others.length === 0) return token;
  const detail = "Send one parameter token.";
  throw new ProblemError({ status: 400, code: "body_invalid", detail, error: "invalid_request" });
}

async function readText({ req }: Context): Promise<string> {
  try {
    return await req.text();
  } catch (error) {
    throw new BrokenOffError(error);
  }
}
