import { SignInError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { Acting } from "./admin/acting.ts";
import { assertPower, lockUsers } from "./admin/change-user.ts";
import { audit } from "./audit.ts";
import type { AccountsContext } from "./context.ts";
import { linkTo } from "./link-pages.ts";
import { dropLinks, makeLink } from "./one-time-tokens.ts";
import { rfc3339 } from "./user.ts";
import { columnOf, hasId, hasNoPassword, isAlive, isNoSuchId } from "./users-table.ts";

/** A link by which a user without a password gets one, once; to be handed to that person and nobody else. */
export interface ClaimLink {
  readonly user_id: string;
  /** Null where the table has no usernames. */
  readonly username: string | null;
  readonly link: string;
  /** RFC 3339. */
  readonly expires_at: string;
}

/** What is needed to make claim links; the command line has no more of a server than this. */
export type ClaimLinkParts = Pick<AccountsContext, "pool" | "table" | "configuration">;

/** Makes a claim link for one user. */
export type MakeClaimLink = (userId: string, acting: Acting) => Promise<ClaimLink>;

/** Makes claim links for everybody who can claim, batch by batch; a batch is committed when it is handed out. */
export type MakeClaimLinks = (acting: Acting) => AsyncGenerator<readonly ClaimLink[]>;

const MEANWHILE: readonly string[] = ["user_unknown", "not_claimable"];

/** Users in one transaction: few enough that the application does not wait noticeably for a row. */
const BATCH = 50;

/**
 * Makes `makeClaimLink`. A new link replaces the one before it. It throws SignInError `user_unknown`, or
 * `not_claimable` for who has a password, is deleted or is disabled; `invalid_token` or `forbidden` for who is no
 * administrator any more; DatabaseError.
 */
export function createMakeClaimLink(parts: ClaimLinkParts): MakeClaimLink {
  return async (userId, acting) => {
    // PostgreSQL has no NUL in a text, and a lone surrogate no UTF-8.
    if (userId.includes("\0") || !userId.isWellFormed()) throw unknownUser();
    const [made] = await withTransaction(parts.pool, async (client) => {
      await lockUsers(client, parts, acting, userId);
      await assertPower(client, parts, acting);
      await assertThere(client, parts, userId);
      return makeAll(client, parts, [userId], acting);
    }).catch((error: unknown) => {
      throw isNoSuchId(error) ? unknownUser() : error;
    });
    if (made === undefined) {
      throw new SignInError("not_claimable", "This user has a password, is deleted or is disabled.");
    }
    return made;
  };
}

/**
 * Makes `makeClaimLinks`. A batch waits for no row: whoever is locked just now is done alone, so that nobody
 * who holds one of the rows and wants another is ever waited for. An administrator who is none any more gets no
 * further batch. It throws SignInError `invalid_token`, `forbidden`; DatabaseError.
 */
export function createMakeClaimLinks(parts: ClaimLinkParts): MakeClaimLinks {
  const makeOne = createMakeClaimLink(parts);
  return async function* makeClaimLinks(acting) {
    let last: string | null = null;
    while (true) {
      const page: readonly string[] = await claimableAfter(parts, last);
      last = page.at(-1) ?? null;
      if (last === null) return;
      const links = await makeBatch(parts, page, acting);
      if (links.length > 0) yield links;
      for (const userId of missingIn(page, links)) {
        const link = await makeOne(userId, acting).catch(ignoreMeanwhile);
        if (link !== null) yield [link];
      }
    }
  };
}

function missingIn(page: readonly string[], links: readonly ClaimLink[]): string[] {
  const made = new Set(links.map((link) => link.user_id));
  return page.filter((id) => !made.has(id));
}

/** Whoever got a password, or was deleted, since the page was read needs no link. */
function ignoreMeanwhile(error: unknown): null {
  if (error instanceof SignInError && MEANWHILE.includes(error.code)) return null;
  throw error;
}

async function claimableAfter({ pool, table }: ClaimLinkParts, last: string | null): Promise<string[]> {
  const after = last === null ? "" : `AND u.${table.id} > $2::text::${table.idType}`;
  const { rows } = await pool.query<{ id: string }>(
    `SELECT u.${table.id}::text AS id FROM ${table.name} u LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
      WHERE ${hasNoPassword(table)} AND ${isAlive(table)} AND a.disabled_at IS NULL ${after}
      ORDER BY u.${table.id} LIMIT $1`,
    last === null ? [BATCH] : [BATCH, last],
  );
  return rows.map(({ id }) => id);
}

async function makeBatch(
  parts: ClaimLinkParts,
  userIds: readonly string[],
  acting: Acting,
): Promise<ClaimLink[]> {
  const { pool, table } = parts;
  return withTransaction(pool, async (client) => {
    await assertPower(client, parts, acting);
    const { rows } = await client.query<{ id: string }>(
      `SELECT u.${table.id}::text AS id FROM ${table.name} u
        WHERE u.${table.id} = ANY ($1::text[]::${table.idType}[]) ORDER BY u.${table.id}
        FOR NO KEY UPDATE SKIP LOCKED`,
      [userIds],
    );
    const locked = rows.map(({ id }) => id);
    return makeAll(client, parts, locked, acting);
  });
}

async function assertThere(client: Queryable, { table }: ClaimLinkParts, userId: string): Promise<void> {
  const { rowCount } = await client.query(`SELECT FROM ${table.name} u WHERE ${hasId(table, 1)}`, [userId]);
  if (rowCount === 0) throw unknownUser();
}

/** For those of these users, whose rows are locked, who can claim: as it stands now that they are locked. */
async function makeAll(
  client: Queryable,
  parts: ClaimLinkParts,
  userIds: readonly string[],
  { actor, caller }: Acting,
): Promise<ClaimLink[]> {
  const links: ClaimLink[] = [];
  for (const { user_id, username, expires_at } of await readClaimable(client, parts, userIds)) {
    await dropLinks(client, parts, user_id, ["claim"]);
    const lifetime = parts.configuration.linkLifetimes.claimSeconds;
    const token = await makeLink(client, parts, { purpose: "claim", userId: user_id, email: null, lifetime });
    await audit(client, parts, { event: "claim_link_made", actor, userId: user_id }, caller);
    links.push({ user_id, username, link: linkTo(parts.configuration, "claim", token), expires_at });
  }
  return links;
}

/** The time is that of the transaction, by which `makeLink` reckons too. */
async function readClaimable(
  client: Queryable,
  { table, configuration }: ClaimLinkParts,
  userIds: readonly string[],
): Promise<Omit<ClaimLink, "link">[]> {
  const username = columnOf(table, table.mapping.username) ?? "NULL";
  const expiry = rfc3339("(now() + make_interval(secs => $2::float8)) AT TIME ZONE 'UTC'");
  const { rows } = await client.query<Omit<ClaimLink, "link">>(
    `SELECT u.${table.id}::text AS user_id, ${username}::text AS username, ${expiry} AS expires_at
       FROM ${table.name} u LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
      WHERE u.${table.id} = ANY ($1::text[]::${table.idType}[])
        AND ${hasNoPassword(table)} AND ${isAlive(table)} AND a.disabled_at IS NULL
      ORDER BY u.${table.id}`,
    [userIds, configuration.linkLifetimes.claimSeconds],
  );
  return rows;
}

function unknownUser(): SignInError {
  return new SignInError("user_unknown", "There is no such user.");
}
