import type { MailKind } from "../../config/own-functions.ts";

/** What the sentences of a mail may name. */
export interface Named {
  /** What people know the application as. */
  readonly application: string;
  /** The address that an account is being moved to, or was; null where nobody said. */
  readonly newEmail: string | null;
}

/** A mail in words: what stands before its link, on it, and after it. */
export interface Wording {
  readonly subject: string;
  readonly before: readonly string[];
  /** What the link says; one for any link unless given. */
  readonly action?: string;
  readonly after: readonly string[];
}

/** Every mail in one language. */
export interface Language {
  /** As in `lang` of HTML (BCP 47). */
  readonly code: string;
  greeting(name: string | null): string;
  /** What a link says that its mail has no words of its own for. */
  readonly anyLink: string;
  /** Said before the link's address. */
  readonly copyLink: string;
  /** For how long the link works: a duration in words, such as `24 hours`. */
  linkLasts(duration: string): string;
  footer(application: string): string;
  readonly mails: Readonly<Record<MailKind, (named: Named) => Wording>>;
}
