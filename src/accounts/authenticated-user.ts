import type { User } from "./user.ts";

/** Who a request speaks for, as its access token says; nothing of it was asked of the database. */
export interface AuthenticatedUser {
  /** The user's id, as text, whatever its type in the database. */
  readonly id: string;
  readonly sessionId: string;
  /** The token's own id (`jti`). */
  readonly tokenId: string;
  /** When the token expires by itself. */
  readonly expiresAt: Date;
  /**
   * The user's row, read now; those who ask at the same time share a query.
   *
   * @throws SignInError `invalid_token` where user, session or token ended meanwhile; DatabaseError.
   */
  profile(): Promise<User>;
}
