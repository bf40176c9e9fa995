import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { outboxPage } from "../outbox-page.ts";
import type { App, HttpParts, OutboxMail } from "../parts.ts";

/**
 * The page runs no script and fetches nothing, and what is framed in it inherits that: a mail is shown, not followed.
 * Styles stand in the mails themselves.
 */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * `GET /dev/outbox`, in development only: the last mails, as a page, or as JSON for whoever accepts that. It is no
 * part of the API's description, for there is none of it where the API is used.
 */
export function mountDevOutbox(app: App, { outbox }: HttpParts): void {
  if (outbox === null) return;
  app.get("/dev/outbox", (context) => {
    const mails = outbox.list();
    if (wantsJson(context)) return context.json({ mails: mails.map(describe) });
    context.header("content-security-policy", POLICY);
    return context.html(outboxPage(mails, context.req.query("mail")));
  });
}

function wantsJson(context: Context): boolean {
  const supports = ["text/html", "application/json"];
  return accepts(context, { header: "Accept", supports, default: "text/html" }) === "application/json";
}

function describe({ queuedAt, ...mail }: OutboxMail): object {
  const { id, kind, language, from, to, subject, link, text, html } = mail;
  return {
    id,
    kind,
    language,
    from,
    to,
    subject,
    link,
    text,
    html,
    queued_at: new Date(queuedAt).toISOString(),
  };
}
