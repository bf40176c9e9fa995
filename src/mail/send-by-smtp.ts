import { domainToASCII } from "node:url";
import { createTransport } from "nodemailer";
import type { SMTPTransportOptions } from "nodemailer/lib/smtp-transport";
import { isOneAddress } from "./address.ts";
import type { Deliver, Message, Reason } from "./message.ts";
import { plainText } from "./plain-text.ts";

/** Milliseconds that one mail may take, however slowly its server goes on answering. */
const LONGEST = 60_000;

/** Sends each message over a connection of its own, to its one recipient. */
export function sendBySmtp(options: SMTPTransportOptions): Deliver {
  const transport = createTransport(options);
  return async (message, signal) => {
    // It would be read as a list, and a list is several people.
    if (!isOneAddress(message.to)) return { outcome: "refused", reason: { code: "EENVELOPE" } };
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]);
      await transport.sendMail({ ...fieldsOf(message), signal: within });
      return { outcome: "sent" };
    } catch (error) {
      return { outcome: isForGood(error) ? "refused" : "failed", reason: reasonOf(error) };
    }
  };
}

/** Nothing that a mail names is read from a file or fetched. */
function fieldsOf({ id, from, to, subject, text, html, queuedAt }: Message) {
  return {
    envelope: { from: from.address, to: [to] },
    from: { name: from.name, address: from.address },
    to: { name: "", address: to },
    ...{ subject: plainText(subject), text, html },
    messageId: `<${id}@${domainToASCII(from.address.slice(from.address.lastIndexOf("@") + 1))}>`,
    // Of the moment it was handed over for sending (RFC 5322, 3.6.1).
    date: new Date(queuedAt),
    // No out-of-office note comes back for it (RFC 3834, 5).
    headers: { "Auto-Submitted": "auto-generated" },
    ...{ disableFileAccess: true, disableUrlAccess: true, xMailer: false as const },
  };
}

/** What is looked at of nodemailer's errors. Their messages hold what the server said: addresses, and more. */
interface SmtpError {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
  readonly permanent?: unknown;
}

/** About the recipient or the mail itself; that we may not send at all is put right one day. */
function isForGood(error: unknown): boolean {
  const { permanent, command, responseCode } = error as SmtpError;
  if (permanent !== true || responseCode === 530) return false;
  return command === "RCPT TO" || command === "DATA";
}

/** Codes alone: of the connection (ECONNREFUSED), of SMTP (550), and of the enhanced kind (5.1.1, RFC 3463). */
function reasonOf(error: unknown): Reason {
  const { code, originalCode, command, response, responseCode } = error as SmtpError;
  const [enhanced] = /(?<=^\d{3}[ -])[245]\.\d{1,3}\.\d{1,3}\b/.exec(String(response ?? "")) ?? [];
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof originalCode === "string" ? { cause: originalCode } : {}),
    ...(typeof command === "string"
      ? { command: (/^[A-Z]+(?: (?:TO|FROM))?/.exec(command) ?? [""])[0] }
      : {}),
    ...(typeof responseCode === "number" ? { status: responseCode } : {}),
    ...(enhanced === undefined ? {} : { enhanced_status: enhanced }),
  };
}
