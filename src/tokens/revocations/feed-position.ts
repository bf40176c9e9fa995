/** How far the feed was read: what was committed by then has been seen, and nothing else has. */
export interface FeedPosition {
  /** The server, its timeline, its start, the database and the table that `snapshot` is of. */
  readonly identity: string;
  /** A `pg_snapshot`, as text. */
  readonly snapshot: string;
}

/** The first transaction id that a snapshot knows nothing of. */
export function nextTransaction(snapshot: string): string {
  return snapshot.split(":")[1] ?? "0";
}

/** A position as one text, to be handed out and given back. */
export function writePosition({ identity, snapshot }: FeedPosition): string {
  return `${identity}/${snapshot}`;
}

/** An identity of five numbers, and `xmin:xmax:xip_list` (PostgreSQL, 9.27 System Information Functions). */
const POSITION =
  /^(\d{1,20}\.[0-9A-F]{8}\.\d{1,20}\.\d{1,10}\.\d{1,10})\/(\d{1,20}:\d{1,20}:(?:\d{1,20}(?:,\d{1,20}){0,5000})?)$/;

/** Reads a position; null for a text that is none, with which everything is read anew. */
export function readPosition(text: string): FeedPosition | null {
  const [, identity, snapshot] = POSITION.exec(text) ?? [];
  if (identity === undefined || snapshot === undefined || !isSnapshot(snapshot)) return null;
  return { identity, snapshot };
}

/** PostgreSQL takes no other: the ids between xmin and xmax, in ascending order, none twice. */
function isSnapshot(snapshot: string): boolean {
  const [lowest = "", highest = "", list = ""] = snapshot.split(":");
  const [xmin, xmax] = [BigInt(lowest), BigInt(highest)];
  const ids = list === "" ? [] : list.split(",").map(BigInt);
  const ascending = ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? id));
  const within = ids.every((id) => id >= xmin && id < xmax);
  return xmin > 0n && xmax >= xmin && xmax < 2n ** 63n && ascending && within;
}
