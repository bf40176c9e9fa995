import { createHash } from "node:crypto";
import { withoutConstants } from "../../../postgres/without-constants.ts";

/** A query as the audit log has it. */
export interface Fingerprint {
  /** Its text without constants and comments, cut. */
  readonly query: string;
  /** Of that text before it is cut: of the query itself, what is in its constants could be found by trying. */
  readonly sha256: string;
}

/** Characters of a query that are written down. */
const LONGEST = 2_000;

/** What of a query may be written down: what was done, and nothing of what it was done with. */
export function fingerprintOf(query: string): Fingerprint {
  const text = withoutConstants(query);
  return {
    query: [...text].slice(0, LONGEST).join("").toWellFormed(),
    sha256: createHash("sha256").update(text).digest("hex"),
  };
}
