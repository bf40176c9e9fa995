import { createRoute, z } from "@hono/zod-openapi";
import { callerOf } from "../caller.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { json, problems, text } from "../schemas.ts";

const schema = z.strictObject({ email: text(), redirect_to: text().optional() }).openapi("ForgottenPassword");

const acceptedSchema = z.object({ status: z.literal("accepted") }).openapi("Accepted");

/** `POST /v1/auth/forgot-password`: one answer, whoever has the email or nobody. */
export function mountForgotPassword(app: App, { accounts, trustedProxies }: HttpParts): void {
  const route = createRoute({
    method: "post",
    path: "/v1/auth/forgot-password",
    summary: "Have a link sent by which a new password can be set",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      202: json("Whether a mail goes out, its reader will know.", acceptedSchema),
      ...problems(400, 403, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    await accounts.forgotPassword(context.req.valid("json"), callerOf(context, trustedProxies));
    return context.json({ status: "accepted" as const }, 202);
  });
}
