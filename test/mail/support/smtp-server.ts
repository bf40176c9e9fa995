import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";
import { type ReceivedMail, readMail } from "./read-mail.ts";

/** A mail as a mail server got it. */
export interface Received extends ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** A real mail server, and what it got. */
export interface TestSmtpServer {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** Answers with a status of SMTP's, as a server does that will not take a mail. */
export function smtpError(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

/** Called when a mail has come in whole; what it throws is the answer. */
export type OnMail = (mail: Received) => void | Promise<void>;

/** Starts a mail server without TLS and sign-in unless told otherwise; it ends with the test. */
export async function startSmtpServer(
  options: SMTPServerOptions = {},
  { port = 0, onMail = () => undefined }: { port?: number; onMail?: OnMail } = {},
): Promise<TestSmtpServer> {
  const received: Received[] = [];
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ["STARTTLS"], allowInsecureAuth: true },
    ...{ disableReverseLookup: true, closeTimeout: 100, hideENHANCEDSTATUSCODES: false },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const raw = Buffer.concat(chunks).toString("utf8");
        const { mailFrom, rcptTo } = session.envelope;
        const mail = {
          ...readMail(raw),
          ...{ raw, secure: session.secure, user: session.user },
          ...{ from: mailFrom === false ? "" : mailFrom.address, to: rcptTo.map(({ address }) => address) },
        };
        try {
          await onMail(mail);
          received.push(mail);
          callback();
        } catch (error) {
          callback(error as Error);
        }
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const at = (server.server.address() as AddressInfo).port;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= new Promise<void>((resolve) => server.close(() => resolve()));
    return closing;
  };
  onTestFinished(close);
  return { url: `smtp://127.0.0.1:${at}`, port: at, received, close };
}
