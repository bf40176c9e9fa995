import { VerificationUnavailableError } from "../errors.ts";

/** What to do about an answer, by its status. */
const FIXES: Readonly<Record<number, string>> = {
  401: "Compare `service` with `services` in Authgraft's configuration: the id has to be there, with the SHA-256 of this secret as its `secretSha256`.",
  404: "Check `url`, with the path where Authgraft is mounted; that its configuration names `services`; and that its `tokens.algorithm` is not HS256, which nobody else may verify.",
};

const FIX_REDIRECT = "Set `url` to where Authgraft itself answers: the service's secret follows no redirect.";

/** What an answer means that is not the one that was asked for. */
export function refusal(
  { status, type }: Pick<Response, "status" | "type">,
  path: string,
): VerificationUnavailableError {
  // Some platforms do not show what a redirect is that they were told not to follow.
  if (type === "opaqueredirect" || (status >= 300 && status < 400))
    return new VerificationUnavailableError(`Authgraft's address redirects ${path} elsewhere.`, {
      fix: FIX_REDIRECT,
    });
  const fix = FIXES[status] ?? "See Authgraft's own log, and what stands between it and this service.";
  const message = status === 401 ? "Authgraft does not take this service's id and secret: it" : "Authgraft";
  return new VerificationUnavailableError(`${message} answers ${status} to ${path}.`, { fix });
}
