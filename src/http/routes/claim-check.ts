import { createRoute, z } from "@hono/zod-openapi";
import { callerOf } from "../caller.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { json, problems, text } from "../schemas.ts";

const schema = z.strictObject({ token: text() }).openapi("PresentedClaim");

const claimableSchema = z
  .object({ username: z.string().nullable(), email: z.string().nullable(), needs_email: z.boolean() })
  .openapi("Claimable");

/** `POST /v1/auth/claim/check`: whose account a link is for; it is not used up by that. */
export function mountClaimCheck(app: App, { accounts, trustedProxies }: HttpParts): void {
  const route = createRoute({
    method: "post",
    path: "/v1/auth/claim/check",
    summary: "Look whose account a claim link is for",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      200: json("The account.", claimableSchema),
      ...problems(400, 409, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { token } = context.req.valid("json");
    return context.json(await accounts.checkClaim(token, callerOf(context, trustedProxies)), 200);
  });
}
