import type { Queryable } from "../../postgres/client.ts";
import type { Finding } from "../finding.ts";
import type { Situation } from "../situation.ts";
import type { Step } from "../step.ts";

/** How many values of a kind `down` would lose. */
export interface CountedLoss {
  readonly kind: string;
  readonly label: string;
  readonly count: number;
}

/** Counts what these steps would lose; kinds of which there is nothing are left out. */
export async function countLosses(
  client: Queryable,
  situation: Situation,
  steps: readonly Step[],
): Promise<CountedLoss[]> {
  const counted: CountedLoss[] = [];
  for (const { kind, label, sql } of steps.flatMap((step) => step.losses(situation))) {
    const { rows } = await client.query<{ count: string }>(sql);
    const count = Number(rows[0]?.count ?? 0);
    if (count > 0) counted.push({ kind, label, count });
  }
  return counted;
}

/** The refusal that names the counts by kind. */
export function lossRefusal(losses: readonly CountedLoss[], table: string): Finding {
  const counts = losses.map(({ count, label }) => `${label}: ${count.toLocaleString("en")}`).join("; ");
  return {
    code: "data_would_be_lost",
    severity: "refusal",
    acceptable: false,
    object: table,
    message: `Taking the graft out would lose: ${counts}.`,
    fix: "authgraft down --archive keeps all of it aside, and up --restore brings it back; --discard-data throws it away.",
    evidence: null,
  };
}
