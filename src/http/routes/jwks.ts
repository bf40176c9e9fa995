import { createRoute, z } from "@hono/zod-openapi";
import { etag } from "hono/etag";
import { KEY_SET_AGE_SECONDS } from "../../tokens/signing-keys.ts";
import { noPublicKeys } from "../no-public-keys.ts";
import type { App, HttpParts } from "../parts.ts";
import { json, problems } from "../schemas.ts";

const PATH = "/.well-known/jwks.json";

const keySetSchema = z.object({ keys: z.array(z.record(z.string(), z.string())) }).openapi("JsonWebKeySet");

/** `GET /.well-known/jwks.json`: the public keys that access tokens are verified with (RFC 7517, 5). */
export function mountJwks(app: App, { publicKeys }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: PATH,
    summary: "The public keys that access tokens are verified with",
    responses: {
      200: json("The keys.", keySetSchema),
      304: { description: "They are those of the `ETag` in `If-None-Match`." },
      ...problems(404, 503),
    },
  });
  app.use(PATH, etag());
  app.openapi(route, async (context) => {
    if (publicKeys === null) return noPublicKeys();
    const keys = await publicKeys();
    return context.json({ keys: [...keys] }, 200, {
      "cache-control": `public, max-age=${KEY_SET_AGE_SECONDS}`,
    });
  });
}
