import { expect, test } from "vitest";
import { countTests } from "../../scripts/count-tests.ts";

const passed = { status: "passed" };
const failed = { status: "failed" };

test("each failed test counts, and so does a file whose tests did not come to run", () => {
  const count = countTests({
    numPassedTests: 3,
    testResults: [
      { status: "passed", assertionResults: [passed, passed] },
      { status: "failed", assertionResults: [passed, failed, failed] },
      { status: "failed", assertionResults: [] },
    ],
  });
  expect(count).toEqual({ passed: 3, failed: 3 });
});
