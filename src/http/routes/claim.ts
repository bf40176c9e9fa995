import { createRoute, z } from "@hono/zod-openapi";
import { callerOf } from "../caller.ts";
import { requireOwnOrigin } from "../cookies.ts";
import { rememberDevice } from "../device-cookie.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { signedInBody } from "../refresh-token.ts";
import { json, newPassword, problems, signedInSchema, text, transport } from "../schemas.ts";

/** `POST /v1/auth/claim` (C10): a user from before the graft gets a password, by an administrator's link. */
export function mountClaim(app: App, parts: HttpParts): void {
  const { accounts, cookies, trustedProxies } = parts;
  const { email, password } = accounts.fields;
  const schema = z
    .strictObject({
      token: text(),
      password: newPassword(password),
      email: text().openapi({ maxLength: email.maximum }).optional(),
      refresh: transport(),
    })
    .openapi("Claim");
  const route = createRoute({
    method: "post",
    path: "/v1/auth/claim",
    summary: "Set a password by an administrator's link, and sign in",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      200: json("Claimed, and signed in.", signedInSchema),
      ...problems(400, 403, 409, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { refresh = "body", ...claim } = context.req.valid("json");
    if (refresh === "cookie") requireOwnOrigin(context, cookies);
    const signedIn = await accounts.claim(claim, callerOf(context, trustedProxies));
    rememberDevice(context, parts, signedIn);
    return context.json(signedInBody(context, cookies, signedIn, refresh), 200);
  });
}
