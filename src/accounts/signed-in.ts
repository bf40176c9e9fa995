import type { User } from "./user.ts";

/** What registering, logging in and refreshing answer (B6, B7). */
export interface SignedIn {
  /** The access token. */
  readonly token: string;
  readonly user: User;
  /** What brings the next access token, once: each has a successor. */
  readonly refresh_token: string;
}
