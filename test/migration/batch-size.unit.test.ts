import { expect, test } from "vitest";
import { BatchSize } from "../../src/migration/archive/batch-size.ts";

test("a batch grows while it is quick, and shrinks when it takes longer than its time", () => {
  const size = new BatchSize(50);
  const rows = [5, 5, 5, 5, 5, 40, 60, 60].map((elapsed) => {
    size.succeeded(elapsed);
    return size.rows;
  });
  expect(rows).toEqual([200, 400, 800, 1_000, 1_000, 1_000, 500, 250]);
});

test("one that meets a row that is held is halved down to that row, and grows again behind it", () => {
  const size = new BatchSize(50);
  const halved = Array.from({ length: 9 }, () => {
    size.blocked();
    return size.rows;
  });
  expect(halved).toEqual([50, 25, 12, 6, 3, 1, 1, 1, 1]);
  size.succeeded(60);
  expect(size.rows).toBe(2);
});
