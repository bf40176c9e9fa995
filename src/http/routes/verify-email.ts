import { createRoute, z } from "@hono/zod-openapi";
import { callerOf } from "../caller.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { json, problems, text } from "../schemas.ts";

/** `POST /v1/auth/verify-email`: uses the link that was sent to an address. */
export function mountVerifyEmail(app: App, { accounts, trustedProxies }: HttpParts): void {
  const schema = z.strictObject({ token: text() }).openapi("EmailVerification");
  const verified = z.object({ email: z.string(), status: z.literal("verified") }).openapi("VerifiedEmail");
  const route = createRoute({
    method: "post",
    path: "/v1/auth/verify-email",
    summary: "Verify an email with the link that was sent to it",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: { 200: json("Verified.", verified), ...problems(400, 403, 413, 415, 422, 429, 503) },
  });
  app.openapi(route, async (context) => {
    const { token } = context.req.valid("json");
    return context.json(await accounts.verifyEmail(token, callerOf(context, trustedProxies)), 200);
  });
}
