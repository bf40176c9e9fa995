/** How far a reading in parts has come: a row of the feed. */
export interface FeedCursor {
  readonly transaction: string;
  readonly id: string;
}

/** A cursor as one text. */
export function writeCursor({ transaction, id }: FeedCursor): string {
  return `${transaction}.${id}`;
}

/** Two numbers that PostgreSQL takes as an xid8 and a bigint. */
const CURSOR = /^(\d{1,19})\.(\d{1,18})$/;

/** Reads a cursor; null for a text that is none. */
export function readCursor(text: string): FeedCursor | null {
  const [, transaction, id] = CURSOR.exec(text) ?? [];
  return transaction === undefined || id === undefined ? null : { transaction, id };
}
