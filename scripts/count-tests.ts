/** Says in one line what vitest's JSON report counts. Fails when a test failed, and when none ran. */
import { existsSync, readFileSync } from "node:fs";

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly status: "passed" | "failed";
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** A file that could not be loaded, or whose set-up failed, is one failure more: its tests did not run. */
export function countTests(report: Report): { passed: number; failed: number } {
  const failures = report.testResults.map(({ status, assertionResults }) => {
    const failed = assertionResults.filter((result) => result.status === "failed").length;
    return status === "failed" ? Math.max(failed, 1) : failed;
  });
  return { passed: report.numPassedTests, failed: failures.reduce((sum, count) => sum + count, 0) };
}

function readReport(file: string): Report {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  console.error("vitest left no report: it did not come to run a test.");
  return { numPassedTests: 0, testResults: [] };
}

if (import.meta.main) {
  const { passed, failed } = countTests(readReport(process.argv[2] ?? ""));
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
