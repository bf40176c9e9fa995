/** RFC 5321, 4.5.3.1: in octets. */
const MAXIMUM_BYTES = 254;
const MAXIMUM_LOCAL_BYTES = 64;

/** The dot-atom of RFC 5322, 3.2.3, with letters, marks and digits of every script (RFC 6532). */
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;

/** A label of a domain name: letters, marks, digits, hyphens inside. */
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/**
 * Whether a text is one email address: an addr-spec of RFC 5322 as it is in use, which is a dot-atom, `@`
 * and a domain name of at least two labels. No display name, comment, quoted local part, address literal
 * or white space, and never two addresses. Letters of other scripts are allowed (RFC 6532) when written
 * in NFC, so that an address has one spelling.
 */
export function isEmailAddress(text: string): boolean {
  if (Buffer.byteLength(text) > MAXIMUM_BYTES || text.normalize("NFC") !== text) return false;
  const at = text.lastIndexOf("@");
  if (at < 1 || Buffer.byteLength(text.slice(0, at)) > MAXIMUM_LOCAL_BYTES) return false;
  return LOCAL.test(text.slice(0, at)) && isDomain(text.slice(at + 1));
}

function isDomain(text: string): boolean {
  const labels = text.split(".");
  const isAddress = /^\d+$/.test(labels.at(-1) ?? "");
  return labels.length >= 2 && !isAddress && labels.every((label) => LABEL.test(label));
}
