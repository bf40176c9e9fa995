import { createRoute, z } from "@hono/zod-openapi";
import { requireService } from "../client-authentication.ts";
import type { App, HttpParts } from "../parts.ts";
import { json, problems } from "../schemas.ts";
import { readToken, TOKEN_FORM } from "../token-form.ts";

const introspectionSchema = z
  .union([
    z.object({ active: z.literal(false) }),
    z.object({
      active: z.literal(true),
      token_type: z.literal("Bearer"),
      sub: z.string(),
      client_id: z.string(),
      iss: z.string(),
      aud: z.string(),
      exp: z.int(),
      iat: z.int(),
      jti: z.string(),
      sid: z.string(),
      gen: z.int(),
    }),
  ])
  .openapi("Introspection");

/** `POST /oauth/introspect` (RFC 7662), where the configuration names services: what the database says of a token now. */
export function mountOauthIntrospect(app: App, parts: HttpParts): void {
  const { accounts, services } = parts;
  if (services.length === 0) return;
  app.openAPIRegistry.registerComponent("securitySchemes", "service", { type: "http", scheme: "basic" });
  const route = createRoute({
    method: "post",
    path: "/oauth/introspect",
    summary: "Whether an access token is valid (RFC 7662)",
    security: [{ service: [] }],
    request: { body: TOKEN_FORM },
    responses: {
      200: json("What there is to say.", introspectionSchema),
      ...problems(400, 401, 413, 415, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    await requireService(context, parts);
    return context.json(await accounts.introspect(await readToken(context)), 200);
  });
}
