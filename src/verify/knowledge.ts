import { setImmediate as turn } from "node:timers/promises";
import { CLOCK_SKEW_SECONDS } from "../tokens/clock-skew.ts";
import { ageOf, type Clocks, type Mark } from "../tokens/revocations/freshness.ts";
import { createRevocationSet, PACKED_ENTRY_BYTES } from "../tokens/revocations/revocation-set.ts";
import type { JudgedToken, Judgement, RevocationsState } from "../tokens/revocations/revocations.ts";
import type { SnapshotClaims } from "../tokens/revocations/snapshot-claims.ts";

/** What this process knows of keys and revocations. */
export interface Knowledge {
  /** Whether a key verifies, as far as is known. */
  accepts(kid: string): boolean;
  judge(token: JudgedToken): Judgement;
  /** Whether tokens of this server have to be confirmed one by one. */
  readonly confirm: boolean;
  readonly state: Pick<RevocationsState, "entries" | "bytes" | "age">;
  /** Takes a part of the feed in; `asked` says in which order parts were asked for. */
  learn(part: SnapshotClaims, asked: number): Promise<void>;
  /** Everything up to that moment is known. */
  fresh(mark: Mark): void;
  stop(): void;
}

/** Entries taken in before others have their turn: a fraction of a millisecond. */
const SLICE = 500;

/** Milliseconds between two sweeps, and how many of the 4,096 shards each looks at. */
const [SWEEP, SHARDS] = [50, 4];

/** Begins to know nothing: every token is to be asked about. */
export function createKnowledge(clocks: Clocks, maxStaleness: number): Knowledge {
  const set = createRevocationSet({ now: () => clocks.now() / 1_000 });
  const sweeping = setInterval(() => set.sweep(SHARDS), SWEEP).unref();
  let mark: Mark | undefined;
  let keyIds: ReadonlySet<string> = new Set();
  let [newest, vouchedFrom, isVouched, confirm] = [0, 0, false, true];
  const take = async (entries: Uint8Array) => {
    const count = entries.length / PACKED_ENTRY_BYTES;
    for (let from = 0; from < count; from += SLICE) {
      if (from > 0) await turn();
      set.addPacked(entries, from, Math.min(SLICE, count - from));
    }
  };
  return {
    accepts: (kid) => keyIds.has(kid),
    judge({ keys, claims: { generation, issuedAt } }) {
      if (set.generationOf(keys.token) > 0 || set.generationOf(keys.session) > 0) return "revoked";
      const isKnown =
        isVouched && ageOf(mark, clocks) <= maxStaleness && issuedAt > vouchedFrom + CLOCK_SKEW_SECONDS;
      return isKnown && set.generationOf(keys.user) <= generation ? "valid" : "ask";
    },
    get confirm() {
      return confirm;
    },
    get state() {
      return { entries: set.size, bytes: set.bytes, age: ageOf(mark, clocks) };
    },
    async learn(part, asked) {
      await take(part.entries);
      // What was once said to be the business of the database stays so.
      if (Number.isFinite(part.vouchedFrom)) vouchedFrom = Math.max(vouchedFrom, part.vouchedFrom);
      if (asked < newest) return;
      [newest, keyIds, confirm] = [asked, new Set(part.keyIds), part.confirm];
      isVouched = Number.isFinite(part.vouchedFrom);
    },
    fresh(asked) {
      mark = asked;
    },
    stop: () => clearInterval(sweeping),
  };
}
