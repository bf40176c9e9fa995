import { Gauge, type Registry } from "prom-client";
import type { RevocationsState } from "./revocations.ts";

/** Registers what a server knows of what was revoked, to be shown beside its other figures. */
export function measureRevocations(register: Registry, state: () => RevocationsState): void {
  new Gauge({
    name: "authgraft_revocations",
    help: "Revoked tokens, ended sessions and users with ended tokens that are held in memory.",
    registers: [register],
    collect() {
      this.set(state().entries);
    },
  });
  new Gauge({
    name: "authgraft_revocations_age_seconds",
    help: "How old what is known of revocations is; above tokens.maxStalenessSeconds the database is asked.",
    registers: [register],
    collect() {
      this.set(state().age / 1_000);
    },
  });
}
