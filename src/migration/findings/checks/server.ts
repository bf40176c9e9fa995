import type { Finding } from "../../finding.ts";
import type { FindingCheck, Query } from "../check.ts";
import { evidence, refusal, warning } from "../evidence.ts";
import { isPending } from "../subject.ts";

const OLDEST = 140_000;
/** The first minor release whose CREATE INDEX CONCURRENTLY does not corrupt: 14.4. */
const FIRST_SOUND = 140_004;
const FIRST_UNKNOWN = 190_000;

/** Whether the server's version is one the graft was built and tested for. */
export const serverVersionCheck: FindingCheck = {
  id: "server-version",
  applies: () => true,
  query: () => null,
  judge: (_, subject) => {
    const { version } = subject.server;
    const release = `${Math.floor(version / 10_000)}.${version % 10_000}`;
    const found = {
      object: `PostgreSQL ${release}`,
      evidence: evidence(
        { sql: "SELECT current_setting('server_version_num')", values: [] },
        subject,
        String(version),
      ),
    };
    return [...judgeOldServer(version, release, found), ...judgeNewServer(version, release, found)];
  },
};

type Found = Pick<Finding, "object" | "evidence">;

function judgeOldServer(version: number, release: string, found: Found): Finding[] {
  if (version < OLDEST) {
    return [
      refusal({
        ...found,
        code: "server_too_old",
        message: `The server is PostgreSQL ${release}; 14 to 18 are served.`,
        fix: "Upgrade the server to PostgreSQL 14 or later.",
      }),
    ];
  }
  if (version >= FIRST_SOUND) return [];
  return [
    refusal({
      ...found,
      code: "server_corrupts_indexes",
      message: `PostgreSQL ${release} can leave rows out of an index that is built concurrently, without a word (fixed in 14.4): two users could have the same email.`,
      fix: "Update the server to the latest release of PostgreSQL 14.",
    }),
  ];
}

function judgeNewServer(version: number, release: string, found: Found): Finding[] {
  if (version < FIRST_UNKNOWN) return [];
  return [
    warning({
      ...found,
      code: "server_untested",
      message: `PostgreSQL ${release} is newer than the versions Authgraft is tested with (14 to 18).`,
      fix: "Rehearse it on a server of that version first: authgraft rehearse --from-database --scratch-url URL.",
    }),
  ];
}

interface ReadOnlyFacts {
  readonly inRecovery: boolean;
  readonly readOnly: boolean;
  /** What takes the setting back where a database or a role carries it. */
  readonly resets: readonly string[];
}

/** Servers, databases and roles that take no change. */
export const readOnlyCheck: FindingCheck<ReadOnlyFacts> = {
  id: "read-only",
  applies: isPending,
  query: readOnlyQuery,
  judge: (rows, subject) => {
    const [facts] = rows;
    if (facts === undefined) return [];
    const shown = (answer: string) => evidence(readOnlyQuery(), subject, answer);
    const { database } = subject.server;
    if (facts.inRecovery) {
      return [
        refusal({
          code: "server_in_recovery",
          object: database,
          message: "This server is a standby: it takes no changes, those come from its primary.",
          fix: "Give the primary's address in the database URL.",
          evidence: shown("in recovery"),
        }),
      ];
    }
    if (!facts.readOnly) return [];
    return [
      refusal({
        code: "server_read_only",
        object: database,
        message: `Transactions are read-only by default here (default_transaction_read_only), which somebody has set on purpose, or the service has because its disk is full.`,
        fix: resetStatement(facts),
        evidence: shown("default_transaction_read_only is on"),
      }),
    ];
  },
};

/** The session that runs these is read-only itself until it says otherwise. */
function resetStatement({ resets }: ReadOnlyFacts): string {
  const system = ["ALTER SYSTEM RESET default_transaction_read_only;", "SELECT pg_reload_conf();"];
  return ["SET default_transaction_read_only = off;", ...(resets.length > 0 ? resets : system)].join("\n");
}

/** `reset_val` is what the session began with: our own connection may have set its own. */
function readOnlyQuery(): Query {
  return {
    sql: `
      SELECT pg_is_in_recovery() AS "inRecovery",
        (SELECT reset_val = 'on' FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only') AS "readOnly",
        ARRAY(SELECT format('ALTER %s%s RESET default_transaction_read_only;',
            CASE WHEN s.setrole = 0 THEN format('DATABASE %I', d.datname) ELSE format('ROLE %I', r.rolname) END,
            CASE WHEN s.setrole <> 0 AND s.setdatabase <> 0 THEN format(' IN DATABASE %I', d.datname) END)
          FROM pg_catalog.pg_db_role_setting s
          LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
          WHERE array_to_string(s.setconfig, ' ') LIKE '%default_transaction_read_only=%'
            AND (s.setdatabase = 0 OR d.datname = current_database())
            AND (s.setrole = 0 OR r.rolname = session_user)) AS resets`,
    values: [],
  };
}
