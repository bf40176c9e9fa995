import pg from "pg";
import { Registry } from "prom-client";
import { parseConfiguration } from "../../../src/config/parse.ts";
import { createMailer } from "../../../src/mail/create-mailer.ts";
import { readMailSettings } from "../../../src/mail/settings.ts";
import { preparePool } from "../../../src/postgres/prepared-pool.ts";
import { createSealedTexts } from "../../../src/tokens/sealed-text.ts";

// A server of its own, to be killed: it sends what is queued, by a mail server that never takes it.
const [database = "", url = "", secret = ""] = process.argv.slice(2);
const settings = readMailSettings(parseConfiguration({ mail: { from: "shop@example.com" } }), url);
if (settings === null) throw new TypeError("a mail server is given");
createMailer({
  ...{
    settings,
    pool: preparePool(new pg.Pool({ connectionString: database })),
    schema: "authgraft",
    lease: 1,
  },
  sealedTexts: createSealedTexts([secret], "texts"),
  logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  ...{ register: new Registry(), describeError: () => ({}) },
});
