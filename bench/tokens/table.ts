import { largest } from "../online/statistics.ts";
import type { BenchResults, Measured } from "./results.ts";
import { lagTable, lookUpTable, missedText, outageTable, setTable } from "./table-revocations.ts";
import { freshTable, httpTable, seenTable } from "./table-verify.ts";
import { verdictsOf } from "./verdicts.ts";

/** What was measured on, and how, in a few lines. */
export function surroundingsOf({
  date,
  machine,
  node,
  postgres,
  peers,
  options,
  stolen,
}: BenchResults): string {
  const most = largest(Object.values(stolen).map((part) => part ?? 0));
  const host =
    most < 0.005
      ? ""
      : ` The machine's host took up to ${(100 * most).toFixed(0)} % of the processors' time for others.`;
  return (
    `${date}, ${machine}, Node.js ${node}, PostgreSQL ${postgres}, better-auth ${peers.betterAuth}, ` +
    `fast-jwt ${peers.fastJwt}, jose ${peers.jose}; ${options.repeats} repeats, in turn.${host}`
  );
}

/** The whole as text. */
export function printResults(results: BenchResults): string {
  return [surroundingsOf(results), verdictList(results.measured), ...tablesOf(results.measured)].join("\n\n");
}

/** Each goal, whether it was reached, by which figures. */
export function verdictList(measured: Measured): string {
  const lines = verdictsOf(measured).map(
    ({ goal, passed, figures }) => `| ${goal} | ${passed ? "yes" : "**no**"} | ${figures} |`,
  );
  return ["| goal | reached | figures |", "|---|---|---|", ...lines].join("\n");
}

/** A table for each measurement that was made. */
export function tablesOf({ verify, http, lag, missed, set, outage }: Measured): string[] {
  return [
    ...(verify === undefined ? [] : [seenTable(verify), freshTable(verify)]),
    ...(http === undefined ? [] : [httpTable(http)]),
    ...(lag === undefined ? [] : [lagTable(lag)]),
    ...(missed === undefined ? [] : [missedText(missed)]),
    ...(set === undefined ? [] : [setTable(set), lookUpTable(set)]),
    ...(outage === undefined ? [] : [outageTable(outage)]),
  ];
}
