/** Makes better-auth's tables in an empty database, with users who have passwords: its own migration, its own hash. */
import { betterAuth } from "better-auth";
import { hashPassword } from "better-auth/crypto";
import { getMigrations } from "better-auth/db/migration";
import { betterAuthOptions } from "./options.mjs";

const { databaseUrl, users, password } = JSON.parse(process.argv[2]);
const options = betterAuthOptions({
  databaseUrl,
  baseUrl: "http://127.0.0.1",
  secret: "of no use here; it makes tables only",
});

const { runMigrations } = await getMigrations(betterAuth(options).options);
await runMigrations();
const { database: pool } = options;
await pool.query(
  `INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
   SELECT md5(i::text), 'Invented Person ' || i, 'person.' || i || '@example.com', true, now(), now()
     FROM generate_series(1, $1::int) i`,
  [users],
);
await pool.query(
  `INSERT INTO account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
   SELECT md5('account ' || u.id), u.id, 'credential', u.id, $1, now(), now() FROM "user" u`,
  [await hashPassword(password)],
);
await pool.query("VACUUM (ANALYZE)");
await pool.end();
