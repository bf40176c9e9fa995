import { createRoute, z } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { BEARER, newPassword, problems } from "../schemas.ts";

/** `POST /v1/users/me/password/first` (B5): a password for who came in by another way. */
export function mountFirstPassword(app: App, { accounts, trustedProxies }: HttpParts): void {
  const schema = z.strictObject({ password: newPassword(accounts.fields.password) }).openapi("FirstPassword");
  const route = createRoute({
    method: "post",
    path: "/v1/users/me/password/first",
    summary: "Set the first password of who has none",
    security: [BEARER],
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      204: { description: "It is set; the user's other sessions have ended." },
      ...problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { password } = context.req.valid("json");
    const identity = await accounts.authenticate(bearerToken(context));
    await accounts.setFirstPassword(identity, password, callerOf(context, trustedProxies));
    return context.body(null, 204);
  });
}
