import { createRoute } from "@hono/zod-openapi";
import type { Credentials } from "../../accounts/find-account.ts";
import { callerOf } from "../caller.ts";
import { requireOwnOrigin } from "../cookies.ts";
import { rememberDevice } from "../device-cookie.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { signedInBody } from "../refresh-token.ts";
import { credentialsSchema, json, problems, signedInSchema } from "../schemas.ts";

/** `POST /v1/auth/login` (B7, C3): one answer for whatever is wrong. */
export function mountLogin(app: App, parts: HttpParts): void {
  const { accounts, cookies, trustedProxies } = parts;
  const schema = credentialsSchema(accounts.fields);
  const route = createRoute({
    method: "post",
    path: "/v1/auth/login",
    summary: "Sign in with a password",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      200: json("Signed in.", signedInSchema),
      ...problems(400, 401, 403, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { email, username = "", password, refresh = "body" } = context.req.valid("json");
    if (refresh === "cookie") requireOwnOrigin(context, cookies);
    const credentials: Credentials = email === undefined ? { username, password } : { email, password };
    const signedIn = await accounts.login(credentials, callerOf(context, trustedProxies));
    rememberDevice(context, parts, signedIn);
    return context.json(signedInBody(context, cookies, signedIn, refresh), 200);
  });
}
