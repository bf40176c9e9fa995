import type { Cluster } from "./cluster.ts";
import { runCommand } from "./command-line.ts";
import { runAll } from "./connection.ts";
import type { Action, Profile } from "./profiles.ts";
import { BARE_INDEX, DROP_BARE_INDEX, PLAIN, UNDO_PLAIN } from "./statements.ts";

/** What an action left to tell. */
export interface ActionOutcome {
  readonly exitCode: number | null;
  readonly memory: number | null;
  readonly failure: string | null;
  readonly warnings: readonly string[];
}

/** A change that does not get in ends by itself, well before its default of ten minutes. */
const FLAGS = ["--yes", "--lock-deadline", "120"] as const;

const DONE: ActionOutcome = { exitCode: 0, memory: null, failure: null, warnings: [] };

/** Makes the change, as its users would. */
export async function act(
  action: Exclude<Action, "idle">,
  profile: Profile,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  if (action === "plain") return bySql(cluster, "bench plain", PLAIN[profile.shape]);
  if (action === "cic") return bySql(cluster, "bench cic", [BARE_INDEX]);
  const { exitCode, output, memory } = await runCommand([action, ...FLAGS], cluster.ownerUrl, signal);
  const failure = exitCode === 0 ? null : inShort(output);
  return { exitCode, memory, failure, warnings: exitCode === 0 ? warningsOf(output) : [] };
}

async function bySql(cluster: Cluster, name: string, statements: readonly string[]): Promise<ActionOutcome> {
  try {
    await runAll(cluster.ownerUrl, name, statements);
    return DONE;
  } catch (error) {
    return { ...DONE, exitCode: 1, failure: error instanceof Error ? error.message : String(error) };
  }
}

/** What it refused for, or the last that it said. */
function inShort(output: string): string {
  const codes = [...output.matchAll(/"code": "(\w+)"/g)].map(([, code]) => code);
  return codes.length > 0 ? `codes ${codes.join(", ")}` : output.trim().slice(-300);
}

function warningsOf(output: string): readonly string[] {
  const { warnings = [] }: { warnings?: readonly { readonly code: string }[] } = JSON.parse(output);
  return warnings.map(({ code }) => code);
}

/** Takes back what only the benchmark made, and settles the table. */
export async function settle(action: Action, profile: Profile, cluster: Cluster): Promise<void> {
  if (action === "plain")
    await runAll(cluster.ownerUrl, "bench", UNDO_PLAIN[profile.shape]).catch(() => undefined);
  if (action === "cic") await runAll(cluster.ownerUrl, "bench", [DROP_BARE_INDEX]);
  if (profile.autovacuum === undefined) await runAll(cluster.ownerUrl, "bench", ["VACUUM public.users"]);
}

/** Brings the table to where an action begins, should the last one have failed. */
export async function ensureState(action: Action, cluster: Cluster, signal: AbortSignal): Promise<void> {
  if (action === "idle") return;
  const wanted = action === "up" || action === "plain" ? "down" : "up";
  const { exitCode, output } = await runCommand([wanted, ...FLAGS], cluster.ownerUrl, signal);
  if (exitCode !== 0)
    throw new Error(`The table is not where "${action}" begins, and ${wanted} failed: ${inShort(output)}`);
}
