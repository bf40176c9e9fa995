import { defineConfig } from "vitest/config";
import type { PostgresMajor } from "./src/embedded/binaries.ts";

// Where a test goes follows from its name:
//   test/**/*.unit.test.ts   needs no database, or starts its own servers: runs once
//   test/**/*.test.ts        runs on each PostgreSQL of the run, 14 and 18 unless AUTHGRAFT_TEST_POSTGRES
//                            names others, as in AUTHGRAFT_TEST_POSTGRES=15 or =14,16; but those of NEWEST_ALONE,
//                            ON_EACH excepted, run on the newest of them only
// test/support/postgres.ts gives a test its database.
const MAJORS: readonly PostgresMajor[] = [14, 15, 16, 17, 18];

const majors = (process.env.AUTHGRAFT_TEST_POSTGRES || "14,18").split(",").map((name) => {
  const major = MAJORS.find((candidate) => String(candidate) === name.trim());
  if (major !== undefined) return major;
  throw new Error(`AUTHGRAFT_TEST_POSTGRES takes majors from 14 to 18, comma separated; it has "${name}".`);
});

// What is tested here is the same whatever the PostgreSQL: HTTP, clients, adapters, processes, the verifier, pages.
const NEWEST_ALONE = ["adapters", "cli", "client", "docs", "http", "stories", "verify"];

// What is among it and yet has to be seen on each: every statement of sign-in, from registration to revocation; keys of
// every type; a role with few privileges; and the restoring of dumps.
const ON_EACH = [
  "test/http/{email-change,key-types,private-registration,profile,refresh,registration,restricted-role,revocation,sign-in}.test.ts",
  "test/http/passwords/{claim,reset}.test.ts",
  "test/cli/{commands,open-dump,open-dump-everything}.test.ts",
];

const newest = Math.max(...majors);

function filesFor(major: PostgresMajor): string[] {
  return major === newest
    ? ["test/**/*.test.ts"]
    : [`test/!(${NEWEST_ALONE.join("|")})/**/*.test.ts`, ...ON_EACH];
}

export default defineConfig({
  test: {
    maxWorkers: 3,
    // Against what never ends alone: nothing is to fail because the machine has much else to do.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // A test that is left on its own by mistake would hide all others.
    allowOnly: false,
    projects: [
      { test: { name: "unit", include: ["test/**/*.unit.test.ts"] } },
      ...majors.map((major) => ({
        test: {
          name: `postgres-${major}`,
          include: filesFor(major),
          exclude: ["test/**/*.unit.test.ts"],
          provide: { postgresMajor: major },
          globalSetup: "test/support/global-setup.ts",
          setupFiles: ["test/support/cleanup.ts"],
          // Files share what they have loaded, and what the compiler made of it: each test has a database of its own,
          // and leaves nothing in the process.
          isolate: false,
        },
      })),
    ],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
      thresholds: { lines: 90, statements: 90, functions: 90, branches: 80 },
    },
  },
});
