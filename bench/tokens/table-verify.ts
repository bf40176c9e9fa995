import { largest, median } from "../online/statistics.ts";
import { figure, table } from "./markdown.ts";
import type { HttpResults } from "./measure-http.ts";
import type { Verifier, VerifyResults } from "./measure-verify.ts";
import { count, meanOf } from "./verdicts.ts";

/** As a reader sees it; what it may cost to be wrong is said beside. */
const VERIFIERS: readonly (readonly [Verifier, (revoked: string) => string])[] = [
  ["authgraft, nothing revoked", () => "`auth.verify`, nothing is revoked"],
  ["authgraft, one revoked", () => "`auth.verify`, one token is revoked"],
  ["authgraft, many revoked", (revoked) => `\`auth.verify\`, ${revoked} tokens are revoked`],
  ["fast-jwt, its cache", () => "fast-jwt with its cache"],
  ["fast-jwt", () => "fast-jwt"],
  ["jose", () => "`jose.jwtVerify`"],
  ["jose and SELECT", (revoked) => `\`jose.jwtVerify\`, then \`SELECT … FROM revoked_tokens\` of ${revoked}`],
  ["better-auth", () => "better-auth's `auth.api.getSession`"],
];

/** Verifying a token that was seen before. */
export function seenTable(results: VerifyResults): string {
  const { seen, accepts, revoked } = results;
  const rows = VERIFIERS.map(([verifier, name]) => {
    const runs = seen.filter((run) => run.verifier === verifier);
    const of = (share: "p50" | "p99" | "p999") => figure(median(runs.map(({ spread }) => spread[share])));
    const mean = meanOf(results, verifier);
    const verdict = accepts[verifier];
    const refuses = verdict === undefined ? "asks its sessions" : verdict ? "**no**" : "yes";
    return [
      name(count(revoked)),
      figure(mean),
      of("p50"),
      of("p99"),
      of("p999"),
      count(Math.round(1e6 / mean)),
      refuses,
    ];
  });
  return table(
    ["a token seen before", "µs each", "p50", "p99", "p99.9", "a second", "refuses it once it is revoked"],
    rows,
  );
}

/** Verifying a token for the first time. */
export function freshTable({ fresh }: VerifyResults): string {
  const row = (name: string, of: "authgraft" | "jose") => {
    const at = (share: "mean" | "p50" | "p99") => figure(median(fresh.map((run) => run[of][share])));
    return [name, at("mean"), at("p50"), at("p99")];
  };
  return table(
    ["a token seen for the first time", "µs each", "p50", "p99"],
    [row("`auth.verify`", "authgraft"), row("`jose.jwtVerify` of the same tokens", "jose")],
  );
}

/** Signed-in requests a second. */
export function httpTable({ connections, runs }: HttpResults): string {
  const row = (name: string, product: string) => {
    const own = runs.filter((run) => run.product === product);
    const perSecond = own.map((run) => run.perSecond);
    return [
      name,
      ...[Math.min(...perSecond), median(perSecond), largest(perSecond)].map((value) =>
        count(Math.round(value)),
      ),
      ...(["p50", "p99"] as const).map((share) => figure(median(own.map(({ spread }) => spread[share])))),
      own.reduce((sum, { failed }) => sum + failed, 0),
    ];
  };
  return table(
    [`over ${connections} connections`, "lowest a second", "median", "highest", "p50 ms", "p99 ms", "failed"],
    [
      row("Authgraft, `GET /v1/users/me`", "authgraft"),
      row("better-auth, `GET /api/auth/get-session`", "better-auth"),
    ],
  );
}
