import { notificationChannel } from "../../../src/postgres/channel.ts";
import { keysOf } from "../../../src/tokens/access-token.ts";
import { openFeedConnection } from "../../../src/tokens/revocations/feed-connection.ts";
import {
  followRevocations,
  type JudgedToken,
  type Revocations,
} from "../../../src/tokens/revocations/revocations.ts";

/** The set of revoked tokens by itself, followed as `createAuth` follows it, so that what memory says can be told from what the database says. */
export function followFeed(
  url: string,
  { now = Date.now, onTrouble = () => undefined }: Partial<FeedHooks> = {},
): Revocations {
  return followRevocations({
    schema: "authgraft",
    channel: notificationChannel("authgraft"),
    open: () => openFeedConnection(url, true),
    maxStaleness: 2_000,
    ...{ now, reloadKeys: async () => undefined, onTrouble },
  });
}

interface FeedHooks {
  readonly now: () => number;
  readonly onTrouble: (error: unknown) => void;
}

/** A token of that `jti`, made just now, of which nothing else was revoked. */
export function judgedToken(tokenId: string): JudgedToken {
  const issuedAt = Math.floor(Date.now() / 1_000);
  const claims = { generation: 0, issuedAt, expiresAt: issuedAt + 900, tokenId };
  const subject = { userId: `of ${tokenId}`, sessionId: `of ${tokenId}` };
  return { keys: keysOf({ ...claims, ...subject }), claims };
}
