import { Registry } from "prom-client";
import { createApp } from "../../../src/http/app.ts";
import type { ApiDocument } from "../../../src/http/openapi/document.ts";
import { describeApi } from "../../../src/http/openapi.ts";

const FIELDS = {
  email: { maximum: 254, required: true },
  username: { maximum: 30, required: false },
  displayName: { maximum: 100, required: false },
  password: { minimumLength: 8, maximumLength: 72 },
};

/** Is whatever it is taken for: no route asks anything of it before there is a request. */
const ANYTHING: unknown = new Proxy(() => undefined, {
  get: (_, name) => (typeof name === "symbol" ? undefined : ANYTHING),
});

/** Has those that are given, and anything by every other name. */
function withAnything<Known extends object>(known: Known): Known {
  return new Proxy(known, {
    get: (target, name) => (name in target ? target[name as keyof Known] : ANYTHING),
  });
}

/** The description of the API with every route that there is, for a table that may have all the fields. */
export function describeWholeApi(): ApiDocument {
  return merge(describeWith("private"), describeWith("open"));
}

function describeWith(mode: "open" | "private"): ApiDocument {
  const settings = {
    registration: { mode },
    profile: { fields: { username: FIELDS.username, display_name: FIELDS.displayName } },
  };
  const known = {
    accounts: withAnything({ fields: FIELDS, settings: withAnything(settings) }),
    services: [{ id: "shop", secretSha256: "0".repeat(64) }],
    cookies: { allowedOrigins: [] },
    register: new Registry(),
    publicUrl: "http://localhost:8080",
    trustedProxies: 0,
  };
  // What is not known here is only handed on until there is a request.
  const parts = withAnything(known) as unknown as Parameters<typeof createApp>[0];
  return describeApi(createApp(parts), parts);
}

/** What either of two servers answers. */
function merge(one: ApiDocument, other: ApiDocument): ApiDocument {
  const paths = Object.entries(other.paths).map(([path, methods]) => {
    const operations = Object.entries(methods).map(([method, operation]) => {
      const responses = { ...one.paths[path]?.[method]?.responses, ...operation.responses };
      return [method, { ...operation, responses }];
    });
    return [path, Object.fromEntries(operations)];
  });
  const schemas = { ...one.components.schemas, ...other.components.schemas };
  return {
    ...other,
    paths: { ...one.paths, ...Object.fromEntries(paths) },
    components: { ...other.components, schemas },
  };
}
