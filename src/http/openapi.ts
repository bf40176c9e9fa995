import type { App } from "./parts.ts";

/** `GET /openapi.json`: the contract, made from the schemas that the routes validate with. */
export function mountOpenApi(app: App): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "at+jwt",
  });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Authgraft", version: "1" },
  });
}
