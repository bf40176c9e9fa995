import { html, raw } from "hono/html";
import type { OutboxMail } from "./parts.ts";

type Html = ReturnType<typeof html>;

const STYLE = `
  :root { color-scheme: light dark; --line: #8883; --soft: #8881; --muted: light-dark(#5b6470, #a0a8b4); --accent: light-dark(#1d4ed8, #93b4ff) }
  * { box-sizing: border-box }
  body { margin: 0; font: 15px/1.5 system-ui, sans-serif; min-height: 100vh; display: flex; flex-direction: column }
  header { display: flex; gap: 1rem; align-items: baseline; padding: .75rem 1.25rem; border-bottom: 1px solid var(--line) }
  h1 { font-size: 1.1rem; margin: 0 } h2 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 1rem } h3 { font-size: .8rem; text-transform: uppercase; letter-spacing: .05em; color: var(--muted); margin: 1.75rem 0 .5rem }
  header p { margin: 0; color: var(--muted); flex: 1 }
  a { color: var(--accent) }
  main { flex: 1; display: grid; grid-template-columns: minmax(15rem, 22rem) 1fr }
  nav { border-right: 1px solid var(--line) }
  nav ol { list-style: none; margin: 0; padding: 0 }
  nav a { display: block; padding: .7rem 1.25rem; border-bottom: 1px solid var(--line); color: inherit; text-decoration: none; overflow-wrap: anywhere }
  nav a:hover { background: var(--soft) } nav a[aria-current] { background: var(--soft); box-shadow: inset 3px 0 var(--accent) }
  nav strong { display: block; font-weight: 600 } nav span { color: var(--muted); font-size: .85rem; display: block }
  article { padding: 1.5rem 2rem; max-width: 60rem; min-width: 0 }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 } dt { color: var(--muted) } dd { margin: 0; overflow-wrap: anywhere }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font: 13.5px/1.5 ui-monospace, monospace; background: var(--soft); border-radius: 6px; padding: 1rem; margin: 0 }
  iframe { width: 100%; height: 34rem; border: 1px solid var(--line); border-radius: 6px; background: #fff; color-scheme: light }
  .empty { padding: 3rem 2rem; color: var(--muted) }
  @media (max-width: 48rem) { main { grid-template-columns: 1fr } nav { border-right: 0; border-bottom: 1px solid var(--line); max-height: 40vh; overflow: auto } article { padding: 1.25rem } }
`;

/** The outbox as a page that needs nothing beside itself: the mails, and the one that is chosen, or the newest. */
export function outboxPage(mails: readonly OutboxMail[], chosen: string | undefined): string {
  const shown = mails.find(({ id }) => id === chosen) ?? mails[0];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Outbox (${mails.length}) · Authgraft in development</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header><h1>Outbox</h1><p>Mails of this server, the last 100. In development only.</p><a href="/dev/outbox">Refresh</a></header>
${shown === undefined ? EMPTY : html`<main>${listOf(mails, shown)}${mailOf(shown)}</main>`}
</body>
</html>
`;
  return String(page);
}

const EMPTY = html`<p class="empty">No mail yet. Ask for one, for example a new password, and refresh this page.</p>`;

function listOf(mails: readonly OutboxMail[], shown: OutboxMail): Html {
  return html`<nav aria-label="Mails"><ol>${mails.map((mail) => itemOf(mail, mail === shown))}</ol></nav>`;
}

function itemOf({ id, subject, to, queuedAt }: OutboxMail, isShown: boolean): Html {
  const current = isShown ? raw(' aria-current="page"') : "";
  return html`<li><a href="/dev/outbox?mail=${id}"${current}><strong>${subject}</strong><span>${to}</span><span>${timeOf(queuedAt)}</span></a></li>`;
}

function mailOf({ subject, from, to, kind, language, queuedAt, link, text, html: body }: OutboxMail): Html {
  const sender = from.name === "" ? from.address : `${from.name} <${from.address}>`;
  return html`<article>
<h2>${subject}</h2>
<dl>
<dt>To</dt><dd>${to}</dd>
<dt>From</dt><dd>${sender}</dd>
<dt>Queued</dt><dd>${timeOf(queuedAt)}</dd>
<dt>Mail</dt><dd>${kind}, in ${language}</dd>
${link === null ? "" : html`<dt>Link</dt><dd>${anchor(link)}</dd>`}
</dl>
<h3>HTML</h3>
<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" srcdoc="${inNewTab(body)}"></iframe>
<h3>Text</h3>
<pre>${linked(text, link)}</pre>
</article>`;
}

/** Only what a browser goes to: a template may hand over anything. */
function anchor(link: string): Html | string {
  if (!/^https?:\/\//.test(link)) return link;
  return html`<a href="${link}" target="_blank" rel="noopener noreferrer">${link}</a>`;
}

function linked(text: string, link: string | null): (Html | string)[] {
  if (link === null) return [text];
  return text.split(link).flatMap((part, index) => (index === 0 ? [part] : [anchor(link), part]));
}

/** A link in a frame that may go nowhere opens beside it. */
function inNewTab(body: string): string {
  const base = '<base target="_blank">';
  return /<head>/i.test(body) ? body.replace(/<head>/i, `<head>${base}`) : `${base}${body}`;
}

function timeOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
