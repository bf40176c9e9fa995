import { parseConfiguration } from "../../../src/config/parse.ts";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import type { Pool } from "../../../src/postgres/client.ts";
import { type RotatedKeys, type Rotation, rotateKeys } from "../../../src/tokens/keys/rotate-keys.ts";
import type { Secrets } from "../../../src/tokens/secret.ts";
import { createSigningKeys, type SigningKeys } from "../../../src/tokens/signing-keys.ts";
import { type KeyStore, keyStore } from "../../../src/tokens/stored-keys.ts";
import { TEST_SECRET } from "../../support/auth.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

/** How a server is set up. */
export interface ServerSettings {
  readonly secrets?: Secrets;
  readonly tokens?: ConfigurationInput["tokens"];
  readonly pool?: Pool;
  /** Milliseconds by which its clock is wrong from the start. */
  readonly wrongBy?: number;
}

/** The signing keys of one server, and a way to let time pass for it. */
export interface Server extends SigningKeys {
  readonly store: KeyStore;
  /** Lets so many milliseconds pass. Up to half a minute is short enough for it not to read the keys again. */
  pass(milliseconds: number): void;
}

/** A grafted database without keys. */
export async function graftedDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  return database;
}

/** A server on the database, which has read nothing yet. */
export function startServer(
  database: TestDatabase,
  { secrets = [TEST_SECRET], tokens, pool = database.pool(), wrongBy = 0 }: ServerSettings = {},
): Server {
  let passed = wrongBy;
  const store = keyStore(pool, parseConfiguration(tokens === undefined ? {} : { tokens }), secrets);
  const pass = (milliseconds: number) => {
    passed += milliseconds;
  };
  return { ...createSigningKeys(store, () => Date.now() + passed), store, pass };
}

/** Rotates as the command does, with ten seconds before and after unless told otherwise. */
export function rotate(server: Server, rotation: Partial<Rotation> = {}): Promise<RotatedKeys> {
  const usual = { leadSeconds: 10, graceSeconds: 10, isCompromised: false };
  return rotateKeys(server.store, { ...usual, ...rotation }, Date.now);
}
