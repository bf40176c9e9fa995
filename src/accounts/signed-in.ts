import type { User } from "./user.ts";

/** What registering and logging in answer (B6, B7). */
export interface SignedIn {
  /** The access token. */
  readonly token: string;
  readonly user: User;
}
