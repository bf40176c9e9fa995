import type { Queryable } from "../postgres/client.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { linkTo } from "./link-pages.ts";
import { dropLinks, makeLink } from "./one-time-tokens.ts";
import type { User } from "./user.ts";

/**
 * Queues the mail that asks whether an address is the user's, with a link that replaces the one before it; nothing
 * where there is no address, or no way to send mail. After the commit, `mailer.wake()` is the caller's to call.
 */
export async function sendVerification(
  client: Queryable,
  context: Pick<AccountsContext, "table" | "configuration" | "mailer">,
  user: User,
  { language }: Pick<Caller, "language">,
  redirect?: string,
): Promise<void> {
  const { configuration, mailer } = context;
  if (!mailer.isAvailable || user.email === null) return;
  const lifetime = configuration.linkLifetimes.verifyEmailSeconds;
  await dropLinks(client, context, user.id, ["verify_email"]);
  const token = await makeLink(client, context, {
    ...{ purpose: "verify_email", userId: user.id, email: user.email, lifetime },
  });
  await mailer.enqueue(client, {
    ...{ kind: "verify-email", to: user.email, language },
    details: {
      link: linkTo(configuration, "verifyEmail", token, redirect),
      ...{ linkSeconds: lifetime, name: nameOf(user) },
    },
  });
}

/** How a mail addresses somebody. */
export function nameOf(person: {
  readonly display_name?: string | null | undefined;
  readonly username?: string | null | undefined;
}): string | undefined {
  return person.display_name ?? person.username ?? undefined;
}
