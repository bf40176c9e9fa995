import { expect, test } from "vitest";
import { createTestDatabase } from "../../support/postgres.ts";
import { findingsOf, findingsWith } from "./support.ts";

const rule = "CREATE RULE no_root AS ON INSERT TO users WHERE NEW.username = 'root' DO INSTEAD NOTHING";

test("a refusal that was accepted by its code is a warning", async () => {
  const database = await createTestDatabase({ sample: "a" });
  await database.query(rule);
  const configuration = { accept: ["rule_replaces_writes"] };
  expect(await findingsWith("rule_replaces_writes", database, { configuration })).toMatchObject([
    { severity: "warning", acceptable: true },
  ]);
});

test("a refusal that cannot be accepted stays one, and the code is said to be none", async () => {
  const database = await createTestDatabase({ sample: "a" });
  await database.query("ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
  const findings = await findingsOf(database, { configuration: { accept: ["row_security_forced"] } });
  expect(findings.find(({ code }) => code === "row_security_forced")?.severity).toBe("refusal");
  expect(findings.find(({ code }) => code === "accept_unknown")).toMatchObject({
    severity: "warning",
    object: "row_security_forced",
  });
});

test("a code that nobody knows is answered with the near match", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const [finding] = await findingsWith("accept_unknown", database, {
    configuration: { accept: ["publishd"] },
  });
  expect(finding?.fix).toBe("Did you mean published?");
});

test("a check that the role may not make names the GRANT, and the others are made", async () => {
  const database = await createTestDatabase({ sample: "b" });
  const role = await database.createRole("stranger");
  const url = database.urlFor(role);
  const denied = await findingsWith("check_not_permitted", database, { url });
  expect(denied.length).toBeGreaterThan(0);
  for (const finding of denied) {
    expect(finding).toMatchObject({
      severity: "warning",
      object: "public.users",
      fix: `GRANT "app_owner" TO "${role.name}";`,
    });
  }
  const codes = (await findingsOf(database, { url })).map(({ code }) => code);
  expect(codes).toContain("not_owner");
  expect(codes).toContain("statistics_hidden");
});
