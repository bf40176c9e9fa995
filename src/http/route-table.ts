import type { App } from "./parts.ts";

/** One of Authgraft's own routes. */
export interface OwnRoute {
  /** In capitals. A route for GET answers HEAD as well. */
  readonly method: string;
  /** As it is written in the description of the API; a part like `:id` stands for any one part. */
  readonly path: string;
}

/** The routes that an application answers, each once; what runs before all of them is none. */
export function routesOf(app: App): readonly OwnRoute[] {
  const routes = new Map<string, OwnRoute>();
  for (const { method, path } of app.routes) {
    if (method !== "ALL") routes.set(`${method} ${path}`, { method, path });
  }
  return [...routes.values()];
}

/** Whether a request's path is one that a route stands for. */
export function fits({ path: pattern }: OwnRoute, path: string): boolean {
  const parts = path.split("/");
  const wanted = pattern.split("/");
  if (wanted.length !== parts.length) return false;
  return wanted.every((part, i) => (part.startsWith(":") ? parts[i] !== "" : part === parts[i]));
}
