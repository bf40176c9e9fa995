import type { PostgresBinaries } from "../../src/embedded/binaries.ts";
import { sampleA } from "../../src/embedded/samples/sample-a.ts";
import { sampleB } from "../../src/embedded/samples/sample-b.ts";
import type { SampleName } from "../../src/embedded/samples/shape.ts";
import { passwordOf, startCluster } from "./cluster.ts";
import { runAll } from "./connection.ts";
import { APPLICATION, OWNER } from "./roles.ts";

const SHAPES = { a: sampleA, b: sampleB } as const;

/** Rows by the server alone: half a gigabyte through a client would take minutes. */
const ROWS: Readonly<Record<SampleName, (rows: number) => string>> = {
  a: (rows) => `INSERT INTO public.users (id, username, created_at)
    SELECT i, 'user ' || i, timestamptz '2020-01-01 00:00:00+00' + i * interval '30 seconds' FROM generate_series(1, ${rows}) i`,
  b: (rows) => `INSERT INTO public.users
      (id, username, display_name, email, auth_provider, auth_provider_id, avatar_url, bio, role)
    SELECT md5(i::text)::uuid, 'user_' || i, 'Invented Person ' || i, 'User.' || i || '@example.com',
      (ARRAY['google', 'github', 'apple'])[1 + i % 3], '1' || lpad(i::text, 20, '0'),
      CASE WHEN i % 10 < 7 THEN 'https://cdn.example.com/avatars/' || i || '.png' END,
      CASE WHEN i % 5 < 2 THEN repeat('about me ', 8) END, 'user'
    FROM generate_series(1, ${rows}) i`,
};

/** Makes a sample's schema with that many users and nothing else in it, settled, and stops the server. */
export async function makeTemplate(
  binaries: PostgresBinaries,
  directory: string,
  shape: SampleName,
  rows: number,
): Promise<string> {
  const cluster = await startCluster(binaries, directory, { autovacuum: "off" });
  try {
    const password = await passwordOf(cluster.placement);
    const administer = cluster.superuserUrl.replace(/app$/, "postgres");
    await runAll(administer, "bench", [
      `CREATE ROLE ${OWNER} LOGIN PASSWORD '${password}'`,
      `CREATE ROLE ${APPLICATION} LOGIN PASSWORD '${password}'`,
      // The log tells of every wait that is longer than the lock budget. Of these roles alone: who makes an autovacuum
      // give way is the migrator, after the deadlock_timeout of its own.
      `ALTER ROLE ${APPLICATION} SET deadlock_timeout = '50ms'`,
      `ALTER ROLE ${APPLICATION} SET log_lock_waits = on`,
      `GRANT pg_read_all_stats TO ${OWNER}`,
      `CREATE DATABASE app OWNER ${OWNER}`,
    ]);
    await runAll(cluster.superuserUrl, "bench", ["CREATE EXTENSION pg_stat_statements"]).catch(
      () => undefined,
    );
    const { beforeData, afterData } = SHAPES[shape];
    await runAll(cluster.ownerUrl, "bench", [
      ...beforeData.map((entry) => entry.sql),
      ROWS[shape](rows),
      ...afterData.map((entry) => entry.sql),
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${APPLICATION}`,
      "VACUUM (ANALYZE) public.users",
    ]);
    await runAll(cluster.superuserUrl, "bench", ["CHECKPOINT"]);
    return cluster.placement.dataDirectory;
  } finally {
    await cluster.stop();
  }
}
