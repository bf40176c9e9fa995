import { Registry } from "prom-client";
import { createApp } from "../../../src/http/app.ts";
import type { ApiDocument } from "../../../src/http/openapi/document.ts";
import { describeApi } from "../../../src/http/openapi.ts";
import type { HttpParts } from "../../../src/http/parts.ts";

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
  const known = {
    accounts: withAnything({ fields: FIELDS }),
    services: [{ id: "shop", secretSha256: "0".repeat(64) }],
    cookies: { allowedOrigins: [] },
    register: new Registry(),
    publicUrl: "http://localhost:8080",
    trustedProxies: 0,
  };
  // What is not known here is only handed on until there is a request.
  const parts = withAnything(known) as unknown as HttpParts;
  return describeApi(createApp(parts), parts);
}
