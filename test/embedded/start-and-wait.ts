// A process of its own that starts a server and says so, for tests that end it in their own way.
import { startEmbeddedPostgres } from "../../src/embedded/server.ts";

const [dataDirectory = "", then] = process.argv.slice(2);
const { url, pid } = await startEmbeddedPostgres({ dataDirectory, durable: false });
process.stdout.write(`${JSON.stringify({ url, pid })}\n`);
if (then === "wait") await new Promise(() => setInterval(() => undefined, 1_000));
