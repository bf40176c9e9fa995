import type { WrittenMail } from "../config/own-functions.ts";

/** A mail in paragraphs, before it is text or HTML. */
export interface Letter {
  readonly language: string;
  readonly subject: string;
  readonly greeting: string;
  readonly before: readonly string[];
  readonly link: { readonly url: string; readonly action: string; readonly copy: string } | null;
  readonly after: readonly string[];
  readonly footer: string;
}

/** A letter as text and as HTML: the same words in both. */
export function layOut(letter: Letter): WrittenMail {
  return { subject: letter.subject, text: textOf(letter), html: htmlOf(letter) };
}

function textOf({ greeting, before, link, after, footer }: Letter): string {
  const linked = link === null ? [] : [`${link.action}:\n${link.url}`];
  return `${[greeting, ...before, ...linked, ...after].join("\n\n")}\n\n-- \n${footer}\n`;
}

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const PAGE = `margin:0;padding:24px 12px;background:#f3f4f6;color:#1f2937;${FONT};font-size:16px;line-height:1.5`;
const CARD = "max-width:560px;margin:0 auto;padding:32px;background:#ffffff;border-radius:8px";
const BUTTON =
  "display:inline-block;padding:12px 20px;background:#1d4ed8;color:#ffffff;border-radius:6px;text-decoration:none;font-weight:600";
const SMALL = "font-size:14px;color:#4b5563";

/** Nothing in it is fetched from anywhere: what a mail fetches tells its sender who read it, and when. */
function htmlOf({ language, subject, greeting, before, link, after, footer }: Letter): string {
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(subject)}</title>
</head>
<body style="${PAGE}">
<div role="article" style="${CARD}">
${[greeting, ...before].map(paragraph).join("\n")}
${link === null ? "" : linked(link)}
${after.map(paragraph).join("\n")}
</div>
<p style="max-width:560px;margin:16px auto 0;padding:0 32px;${SMALL}">${escapeHtml(footer)}</p>
</body>
</html>
`;
}

function paragraph(text: string): string {
  return `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`;
}

function linked({ url, action, copy }: NonNullable<Letter["link"]>): string {
  const href = escapeHtml(url);
  return `<p style="margin:24px 0"><a href="${href}" style="${BUTTON}">${escapeHtml(action)}</a></p>
<p style="margin:0 0 16px;${SMALL}">${escapeHtml(copy)}<br><a href="${href}" style="color:#1d4ed8;word-break:break-all">${href}</a></p>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it stands in HTML, between tags and in attributes within double quotes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
