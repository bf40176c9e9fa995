import type { FindingCheck, Query } from "../check.ts";
import { evidence, shorten, warning } from "../evidence.ts";
import { isPending, tableName } from "../subject.ts";

interface Standby {
  readonly pid: number;
  readonly name: string | null;
}

/** Physical standbys replay the strong lock too: no lock budget on the primary reaches them. */
export const standbysCheck: FindingCheck<Standby> = {
  id: "standbys",
  applies: isPending,
  query: () => QUERY,
  judge: (rows, subject) => {
    if (rows.length === 0) return [];
    const names = rows.map(({ pid, name }) => name ?? `process ${pid}`);
    return [
      warning({
        code: "standbys",
        object: shorten(names),
        message: `${rows.length === 1 ? "A standby follows" : `${rows.length} standbys follow`} this server. Where a long query holds ${tableName(subject)} there, the replayed lock waits for it, and everybody who reads the table there waits behind, for up to max_standby_streaming_delay.`,
        fix: "Run up while the standbys have no long queries, or lower max_standby_streaming_delay on them for the time.",
        evidence: evidence(QUERY, subject, shorten(names)),
      }),
    ];
  },
};

/** Senders of logical slots feed subscribers, not standbys; who may not see more sees their processes. */
const QUERY: Query = {
  sql: `
      SELECT r.pid, nullif(r.application_name, '') AS name FROM pg_catalog.pg_stat_replication r
      WHERE r.state IS DISTINCT FROM 'backup' AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s
        WHERE s.active_pid = r.pid AND s.slot_type = 'logical') ORDER BY 1`,
  values: [],
};
