import { createRoute, z } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import { optionalJsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { acceptedSchema, BEARER, json, problems, text } from "../schemas.ts";

/** `POST /v1/users/me/email/verification`: sends the mail that asks whether the address is the user's, once more. */
export function mountEmailVerification(app: App, { accounts, trustedProxies }: HttpParts): void {
  const schema = z.strictObject({ redirect_to: text().optional() }).openapi("EmailVerificationRequest");
  const route = createRoute({
    method: "post",
    path: "/v1/users/me/email/verification",
    summary: "Send the link that verifies one's email, once more",
    security: [BEARER],
    middleware: [optionalJsonBody],
    request: { body: { content: { "application/json": { schema } } } },
    responses: {
      202: json("On its way, unless the email is verified already.", acceptedSchema),
      ...problems(400, 401, 403, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const identity = await accounts.authenticate(bearerToken(context));
    const caller = callerOf(context, trustedProxies);
    await accounts.requestEmailVerification(identity, context.req.valid("json"), caller);
    return context.json({ status: "accepted" } as const, 202);
  });
}
