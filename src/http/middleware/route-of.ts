import type { Context } from "hono";
import { routePath } from "hono/route";

/** The pattern of the route that a request went to, such as `/v1/users/me/sessions/:id`; null where there is none. */
export function routeOf(context: Context): string | null {
  const path = routePath(context, -1);
  return path.includes("*") ? null : path;
}
