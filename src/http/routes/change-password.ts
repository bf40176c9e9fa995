import { createRoute, z } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import { requireOwnOrigin } from "../cookies.ts";
import { rememberDevice } from "../device-cookie.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { signedInBody } from "../refresh-token.ts";
import { BEARER, json, newPassword, problems, signedInSchema, text, transport } from "../schemas.ts";

/** `POST /v1/users/me/password`: needs the current one; every session ends, and a new one begins. */
export function mountChangePassword(app: App, parts: HttpParts): void {
  const { accounts, cookies, trustedProxies } = parts;
  const schema = z
    .strictObject({
      current_password: text().openapi({ format: "password" }),
      password: newPassword(accounts.fields.password),
      refresh: transport(),
    })
    .openapi("PasswordChange");
  const route = createRoute({
    method: "post",
    path: "/v1/users/me/password",
    summary: "Change the password",
    security: [BEARER],
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      200: json("Changed, and signed in anew.", signedInSchema),
      ...problems(400, 401, 403, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { refresh = "body", ...change } = context.req.valid("json");
    if (refresh === "cookie") requireOwnOrigin(context, cookies);
    const { claims } = await accounts.authenticate(bearerToken(context));
    const signedIn = await accounts.changePassword(claims, change, callerOf(context, trustedProxies));
    rememberDevice(context, parts, signedIn);
    return context.json(signedInBody(context, cookies, signedIn, refresh), 200);
  });
}
