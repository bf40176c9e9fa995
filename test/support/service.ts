import { hash } from "node:crypto";
import type { ConfigurationInput } from "../../src/config/schema.ts";

/** Another service, as it is known to Authgraft. */
export interface TestService {
  readonly id: string;
  readonly secret: string;
}

/** Two of them: neither is told what the other one asks. */
export const SHOP: TestService = { id: "shop", secret: "shop-secret-of-no-worth: 5%+ß" };
export const STAFF: TestService = { id: "staff", secret: "staff-secret-of-no-worth" };

/** The configuration that lets both in. */
export const SERVICES: NonNullable<ConfigurationInput["services"]> = [SHOP, STAFF].map(({ id, secret }) => ({
  id,
  secretSha256: hash("sha256", secret),
}));

/** How a service names itself to Authgraft. */
export function basic({ id, secret }: TestService): { readonly authorization: string } {
  const credentials = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}
