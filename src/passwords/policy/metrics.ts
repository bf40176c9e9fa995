import { Counter, type Registry } from "prom-client";
import type { BreachObserver } from "./breached.ts";

/** Counts what came of the look-ups of breached passwords; `unavailable` ones let the password through. */
export function countBreachChecks(register: Registry): BreachObserver {
  const checks = new Counter({
    ...{
      name: "authgraft_breach_checks_total",
      help: "Look-ups of breached passwords, by what came of them.",
    },
    ...{ registers: [register], labelNames: ["outcome"] as const },
  });
  return (outcome) => checks.inc({ outcome });
}
