import { createServer, type Server, type Socket } from "node:net";
import { decodeJwt } from "jose";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { VerificationUnavailableError } from "../../src/verify/verifier.ts";
import { eventually } from "../support/eventually.ts";
import { revokeByHand } from "../support/feed.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { SHOP } from "../support/service.ts";
import { fateOf, graftedDatabase, openVerifier, signUp, startAuthgraft } from "./support.ts";

const UNAVAILABLE = "verification_unavailable";

let database: TestDatabase;

beforeAll(async () => {
  database = await graftedDatabase();
});

/** A server of TCP on a port that takes connections and says nothing. */
async function startSilentServer(port: number): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { close };
}

describe("while Authgraft does not answer", () => {
  test("known tokens go on within the bound, are refused past it, and go on when it is back", async () => {
    const server = await startAuthgraft(database);
    const [person, other] = [await signUp(server), await signUp(server)];
    const troubles: (Error | null)[] = [];
    const verifier = openVerifier(server, { onTrouble: (error) => troubles.push(error) });
    await verifier.ready();
    expect(await fateOf(verifier, person.token)).toBe("valid");
    await server.close();
    await eventually(() => fateOf(verifier, person.token)).toBe(UNAVAILABLE);
    await revokeByHand(database, [String(decodeJwt(other.token).jti)]);
    for (let time = 0; time < 20; time += 1) {
      const fates = await Promise.all([person, other].map(({ token }) => fateOf(verifier, token)));
      expect(fates).toEqual([UNAVAILABLE, UNAVAILABLE]);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await startAuthgraft(database, { port: server.port });
    await eventually(() => fateOf(verifier, person.token)).toBe("valid");
    expect(await fateOf(verifier, other.token)).toBe("invalid_token");
    await eventually(() => troubles.map((error) => error?.name)).toEqual([
      ...["VerificationUnavailableError", undefined],
    ]);
  });

  test("though it takes connections, nobody waits for it for ever", async () => {
    const server = await startAuthgraft(database);
    const { token } = await signUp(server);
    const verifier = openVerifier(server, { maxStalenessSeconds: 0.5 });
    await verifier.ready();
    await server.close();
    const silent = await startSilentServer(server.port);
    await eventually(() => fateOf(verifier, token)).toBe(UNAVAILABLE);
    await silent.close();
    await startAuthgraft(database, { port: server.port });
    await eventually(() => fateOf(verifier, token)).toBe("valid");
  });

  test("from the start, no token is accepted, and close waits for nothing", async () => {
    const server = await startAuthgraft(database);
    const { token } = await signUp(server);
    await server.close();
    await startSilentServer(server.port);
    const verifier = openVerifier(server);
    const ready = verifier.ready();
    const [error] = await Promise.allSettled([verifier.verify(token)]);
    expect(error).toMatchObject({ status: "rejected", reason: expect.any(VerificationUnavailableError) });
    expect(verifier.state()).toMatchObject({ age: Number.POSITIVE_INFINITY, entries: 0, streaming: false });
    await verifier.close();
    await expect(ready).rejects.toMatchObject({ code: UNAVAILABLE });
    expect(await fateOf(verifier, token)).toBe(UNAVAILABLE);
  });

  test("because its database does not, tokens are refused past the bound", async () => {
    const own = await graftedDatabase();
    const server = await startAuthgraft(own);
    const { token } = await signUp(server);
    const verifier = openVerifier(server, { maxStalenessSeconds: 0.5 });
    await verifier.ready();
    await own.query("ALTER TABLE authgraft.revocations RENAME TO away");
    await own.query("ALTER TABLE authgraft.sessions RENAME TO gone");
    await eventually(() => fateOf(verifier, token)).toBe(UNAVAILABLE);
    await own.query("ALTER TABLE authgraft.gone RENAME TO sessions");
    await eventually(() => fateOf(verifier, token)).toBe("valid");
    await own.query("ALTER TABLE authgraft.away RENAME TO revocations");
    await eventually(() => verifier.state().age).toBeLessThan(500);
  });
});

test("a secret that is not the service's is said, and is in no error", async () => {
  const server = await startAuthgraft(database);
  const { token } = await signUp(server);
  const service = { ...SHOP, secret: "a wrong secret that nobody is to see" };
  const troubles: (Error | null)[] = [];
  const verifier = openVerifier(server, { service, onTrouble: (error) => troubles.push(error) });
  const error = await verifier.verify(token).catch((reason: unknown) => reason);
  await eventually(() => troubles.length).toBe(1);
  expect(troubles[0]).toMatchObject({
    message: "Authgraft does not take this service's id and secret: it answers 401 to /v1/revocations.",
    fix: expect.stringContaining("`secretSha256`"),
  });
  for (const shown of [error, ...troubles]) {
    const text = JSON.stringify([shown, String(shown), (shown as Error).stack, (shown as Error).cause]);
    expect(text).not.toContain(service.secret);
    expect(text).not.toContain(token);
  }
});
