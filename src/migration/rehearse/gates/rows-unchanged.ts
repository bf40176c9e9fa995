import { primaryKey } from "../../../users-table/relation.ts";
import { count, type Outcome, shorten } from "./outcome.ts";
import type { Room } from "./room.ts";
import { digestColumns, digestOf, type RowDigest } from "./row-digest.ts";
import type { TakenOut } from "./take-out.ts";
import type { Grafted } from "./up-on-copy.ts";

/** The digests before, after `up`, and after `down`; what `down` itself came to is a gate of its own. */
export async function rowsUnchangedGate(
  room: Room,
  grafted: Grafted,
  takeOut: () => Promise<TakenOut>,
): Promise<Outcome<true>> {
  const { before, restored, url } = grafted;
  const { users } = restored.situation;
  const up = await room.databases.reading(url, (client) => digestOf(client, users));
  const evidence = { before: before.rows, afterUp: up };
  if (!same(before.rows, up)) return changed("up", before.rows, up, await changedColumns(room, grafted));
  const out = await takeOut().catch(() => null);
  if (out?.result == null || out.result.state === "refused") {
    const detail = `${words(before.rows, users.columns.length)} are the same after up; down did not come through, see there.`;
    return { passed: true, detail, evidence, value: true };
  }
  if (!same(before.rows, out.rows)) {
    return changed("down", before.rows, out.rows, await changedColumns(room, grafted));
  }
  const detail = `${words(before.rows, users.columns.length)} are the same after up and after down.`;
  return { passed: true, detail, evidence: { ...evidence, afterDown: out.rows }, value: true };
}

function same(left: RowDigest, right: RowDigest): boolean {
  return left.rows === right.rows && left.digest === right.digest;
}

function words(digest: RowDigest, columns: number): string {
  return `${count(digest.rows, "row")} of ${count(columns, "old column")}, by SHA-256 of each row,`;
}

function changed(when: string, before: RowDigest, after: RowDigest, columns: string[]): Outcome<true> {
  const rows =
    before.rows === after.rows
      ? `${count(before.rows, "row")} before and after`
      : `${count(before.rows, "row")} before and ${after.rows.toLocaleString("en")} after`;
  const where = columns.length === 0 ? "" : ` What changed stands in: ${shorten(columns, 10)}.`;
  return {
    passed: false,
    detail: `Old values are not as they were after ${when} (${rows}).${where} Look for triggers and event triggers that write to the table when its schema changes.`,
    evidence: { before, after, columns },
    value: null,
  };
}

/** What was restored stands untouched, so which columns differ can still be told. */
async function changedColumns({ databases }: Room, { url, restored }: Grafted): Promise<string[]> {
  const { users } = restored.situation;
  const read = (from: string) =>
    databases.reading(from, (client) => digestColumns(client, users, primaryKey(users)));
  const [before, after] = [await read(restored.url), await read(url)];
  return [...before].filter(([name, digest]) => after.get(name) !== digest).map(([name]) => name);
}
