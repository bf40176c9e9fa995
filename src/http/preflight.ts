import { noRoute } from "./no-route.ts";
import type { App, HttpParts } from "./parts.ts";
import { routesOf } from "./route-table.ts";

/**
 * Where pages of other origins may ask, OPTIONS is a method of every route, so that a framework hands it on.
 * The answer to a preflight is given before any route is; whatever comes here is none.
 */
export function mountPreflight(app: App, { cookies }: Pick<HttpParts, "cookies">): void {
  if (cookies.allowedOrigins.length === 0) return;
  const paths = new Set(routesOf(app).map(({ path }) => path));
  for (const path of paths) app.options(path, noRoute(app));
}
