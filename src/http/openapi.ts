import { z } from "@hono/zod-openapi";
import { completeDocument } from "./openapi/complete.ts";
import type { ApiDocument } from "./openapi/document.ts";
import type { App, HttpParts } from "./parts.ts";
import { TITLES } from "./problem.ts";
import { problems } from "./schemas.ts";
import { problemCodes } from "./to-problem.ts";

const DESCRIPTION = [
  "Sign-in on a users table that was there before. Bodies are JSON in snake_case, of at most 16 KiB; a field that a route does not know is refused by its name.",
  "Every error is `application/problem+json` (RFC 9457). Decide by its `code`: it does not change, texts may. `errors` says it field by field where the fields of a request are at fault.",
  "Every response has an `X-Request-Id`, by which it is found in the server's log.",
].join("\n\n");

const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "at+jwt",
    description: "The `token` that signing in and refreshing answer.",
  },
  adminKey: {
    type: "apiKey",
    in: "header",
    name: "X-Admin-API-Key",
    description: "The key of the server's operator, where it was started with one.",
  },
  refreshCookie: {
    type: "apiKey",
    in: "cookie",
    name: "authgraft_refresh",
    description: 'The refresh token, where signing in asked for it with `refresh: "cookie"`.',
  },
} as const;

/** The description of an application's API. It is made when it is first asked for, and not again. */
const described = new WeakMap<App, ApiDocument>();

/** The contract, made from the schemas that the routes validate with. */
export function describeApi(app: App, { publicUrl }: Pick<HttpParts, "publicUrl">): ApiDocument {
  const known = described.get(app);
  if (known !== undefined) return known;
  const made: unknown = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Authgraft", version: "1", description: DESCRIPTION },
    servers: [{ url: publicUrl }],
  });
  const document = completeDocument(JSON.parse(JSON.stringify(made)) as ApiDocument, {
    codes: problemCodes(),
    titles: TITLES,
  });
  described.set(app, document);
  return document;
}

/** `GET /openapi.json`: the contract. */
export function mountOpenApi(app: App, parts: Pick<HttpParts, "publicUrl">): void {
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) {
    app.openAPIRegistry.registerComponent("securitySchemes", name, { ...scheme });
  }
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/openapi.json",
    summary: "This description",
    responses: {
      200: {
        description: "OpenAPI 3.1.",
        content: { "application/json": { schema: z.looseObject({ openapi: z.string() }) } },
      },
      ...problems(),
    },
  });
  let text: string | undefined;
  app.get("/openapi.json", (context) => {
    text ??= JSON.stringify(describeApi(app, parts));
    return context.body(text, 200, { "content-type": "application/json" });
  });
}
