import type { ConfigurationInput } from "../../src/config/schema.ts";
import { openAuth, type TestAuth, type TestAuthOptions } from "./auth.ts";
import type { TestDatabase } from "./postgres.ts";
import { SERVICES } from "./service.ts";

/** A configuration in which every route is there. */
export const EVERYTHING = {
  services: SERVICES,
  metrics: true,
  development: true,
  bridge: async () => null,
  throttling: "off",
  passwords: { rehash: "never" },
} satisfies ConfigurationInput;

/** Opens sign-in with every route that there is. */
export function openEverything(
  database: TestDatabase,
  { configuration, ...options }: TestAuthOptions = {},
): Promise<TestAuth> {
  return openAuth(database, { ...options, configuration: { ...EVERYTHING, ...configuration } });
}
