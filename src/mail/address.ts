import addressparser from "nodemailer/lib/addressparser";
import { ConfigurationError } from "../errors.ts";
import type { Sender } from "./message.ts";
import { plainText } from "./plain-text.ts";

/** One address and nothing else: no list, no name, no comment, no quotes; letters of any script. */
const ADDRESS = /^[^\s\p{C}"(),:;<>@[\\\]]{1,64}@[^\s\p{C}"(),:;<>@[\\\]]{1,255}$/u;

/**
 * Whether a mail can go to an address as it is stored. What the old application wrote may be anything; a list
 * would be several people.
 */
export function isOneAddress(address: string): boolean {
  return ADDRESS.test(address);
}

/**
 * Who mails come from: `no-reply@shop.example.com`, or `Shop <no-reply@shop.example.com>`.
 *
 * @throws ConfigurationError `configuration_invalid`.
 */
export function readSender(from: string): Sender {
  const [sender, ...others] = addressparser(from, { flatten: true });
  if (
    sender === undefined ||
    others.length > 0 ||
    !isOneAddress(sender.address) ||
    from !== plainText(from)
  ) {
    throw new ConfigurationError("configuration_invalid", '"mail.from" is not one email address.', {
      fix: "Write it as no-reply@shop.example.com, or as Shop <no-reply@shop.example.com>.",
    });
  }
  return { name: sender.name, address: sender.address };
}
