import type { Passwords } from "../passwords/passwords.ts";
import type { Pool } from "../postgres/client.ts";
import { quoteIdentifier } from "../postgres/identifiers.ts";
import { findColumn } from "../users-table/relation.ts";
import { describeError } from "./describe-error.ts";
import type { Account } from "./find-account.ts";
import type { Logger } from "./logger.ts";
import { hasId, type UsersTable } from "./users-table.ts";

/** Whether a login with an outdated hash stores a new one. */
export type RehashPolicy = "on-login" | "never";

/** Outdated hashes that are made anew, behind the logins that showed them. */
export interface Renewals {
  /**
   * Stores a new hash in place of an outdated one, unless somebody changed it meanwhile (compare and swap).
   * The login does not wait for it and never fails by it: the next one tries again.
   */
  renew(account: Account, password: string): void;
  /** Waits until those under way are done. */
  settled(): Promise<void>;
}

interface Parts {
  readonly pool: Pool;
  readonly table: UsersTable;
  readonly passwords: Passwords;
  readonly rehash: RehashPolicy;
  readonly logger: Logger;
}

/** Makes the renewals. Where the column is too short for new hashes, that is logged once and none is tried. */
export function createRenewals(parts: Parts): Renewals {
  const isOff = parts.rehash === "never" || !hasRoom(parts);
  const underWay = new Map<string, Promise<void>>();
  return {
    renew(account, password) {
      // One person who signs in on ten devices at once has one hash to renew.
      if (isOff || underWay.has(account.id)) return;
      const renewal = store(parts, account, password).finally(() => underWay.delete(account.id));
      underWay.set(account.id, renewal);
    },
    async settled() {
      await Promise.all(underWay.values());
    },
  };
}

function hasRoom({ table, passwords, logger }: Parts): boolean {
  const column = table.mapping.password_hash;
  const room = findColumn(table.relation, column)?.maximumLength ?? passwords.hashLength;
  if (room >= passwords.hashLength) return true;
  logger.warn(
    { column, room, needed: passwords.hashLength },
    "outdated password hashes are not renewed, for the column is too short for new ones",
  );
  return false;
}

async function store(
  { pool, table, passwords, logger }: Parts,
  { id, stored_hash: outdated }: Account,
  password: string,
): Promise<void> {
  const column = quoteIdentifier(table.mapping.password_hash);
  try {
    const hash = await passwords.hash(password, { lane: "background" });
    await pool.query(
      `UPDATE ${table.name} AS u SET ${column} = $2 WHERE ${hasId(table, 1)} AND u.${column} = $3`,
      [id, hash, outdated],
    );
  } catch (error) {
    logger.warn(
      { error: describeError(error), user_id: id },
      "an outdated password hash could not be renewed",
    );
  }
}
