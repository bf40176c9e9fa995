import type { KeyState, ListedKey } from "../../tokens/keys/list-keys.ts";
import type { RotatedKeys } from "../../tokens/keys/rotate-keys.ts";
import { plural, type Style, type Terminal, wrap } from "../terminal.ts";

const STYLES: Readonly<Record<KeyState, Style>> = {
  next: "cyan",
  current: "green",
  grace: "yellow",
  expired: "dim",
  unreadable: "red",
};

/** As wide as what stands below them. */
const COLUMNS = ["state".padEnd(10), "algorithm", "kid".padEnd(43), "signs from (UTC)".padEnd(19)];

/** The keys, a line each. */
export function printKeys(keys: readonly ListedKey[], terminal: Terminal): string {
  if (keys.length === 0) return "There are no signing keys yet: a server makes the first one when it starts.";
  const header = terminal.style("dim", [...COLUMNS, "verifies until"].join("  "));
  const lines = [header, ...keys.map((key) => keyLine(key, terminal))];
  if (!keys.some(({ state }) => state === "unreadable")) return lines.join("\n");
  const note = "What is unreadable was sealed under another secret: AUTHGRAFT_SECRET_PREVIOUS can name it.";
  return [...lines, "", wrap(note, terminal.width)].join("\n");
}

function keyLine({ kid, algorithm, state, activeAt, expiresAt }: ListedKey, terminal: Terminal): string {
  const parts = [
    terminal.style(STYLES[state], state.padEnd(10)),
    ...[algorithm.padEnd(9), kid.padEnd(43), inUtc(activeAt)],
    expiresAt === null ? "it is rotated" : inUtc(expiresAt),
  ];
  return parts.join("  ");
}

/** What a rotation came to. */
export function printRotated(rotated: RotatedKeys, terminal: Terminal): string {
  const { kid, algorithm, activeAt, retired } = rotated;
  const done = terminal.style("green", `Done: ${kid} (${algorithm}) signs from ${inUtc(activeAt)} UTC.`);
  return retired.length === 0 ? done : `${done}\n${whatBecameOfOthers(rotated)}`;
}

/** Without grace time they sign and verify still, until the new key does. */
function whatBecameOfOthers({ createdAt, retired }: RotatedKeys): string {
  const last = new Date(Math.max(...retired.map(({ expiresAt }) => expiresAt.getTime())));
  const others = `${plural(retired.length, "older key")} ${retired.length === 1 ? "verifies" : "verify"}`;
  return last > createdAt
    ? `${others} until ${inUtc(last)} UTC at the latest.`
    : `${others} nothing any more.`;
}

/** Two people in two places compare in UTC. */
function inUtc(date: Date): string {
  return date.toISOString().slice(0, 19).replace("T", " ");
}
