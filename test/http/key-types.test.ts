import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { openAuth } from "../support/auth.ts";
import {
  configurationOf,
  createGeneratedTable,
  namesOf,
  type TableShape,
} from "../support/generated-table.ts";
import { graft } from "../support/graft.ts";
import { loginAgain, registerPerson } from "../support/person.ts";
import { createTestDatabase } from "../support/postgres.ts";

test.each<TableShape>([
  { key: "integer", schema: "public", names: "plain", email: "none" },
  { key: "bigint", schema: "other", names: "plain", email: "nullable" },
  { key: "uuid", schema: "public", names: "quoted", email: "none" },
  { key: "varchar(26)", schema: "other", names: "quoted", email: "required" },
])("sessions of users with a $key key, schema $schema, $names names", async (shape) => {
  const database = await createTestDatabase();
  const names = namesOf(shape);
  const configuration = configurationOf(names);
  await createGeneratedTable(database, shape, names);
  await graft(database, configuration);
  const auth = await openAuth(database, { configuration });
  const refresh = (token: string) => auth.post("/v1/auth/refresh", { refresh_token: token });
  const sessions = async (token: string) =>
    (await auth.get("/v1/users/me/sessions", { token })).body.sessions?.length;
  const end = (path: string, token: string) =>
    auth.send(path, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });

  const person = await registerPerson(auth);
  const stranger = await registerPerson(auth);
  const other = await loginAgain(auth, person);
  if (shape.key === "bigint") expect(Number(person.id)).toBeGreaterThan(2 ** 53);
  const refreshed = await refresh(person.refreshToken);
  expect(refreshed.body.user.id).toBe(person.id);
  expect(decodeJwt(refreshed.body.token).sub).toBe(person.id);
  expect(await sessions(person.token)).toBe(2);
  expect((await end(`/v1/users/me/sessions/${stranger.sessionId}`, person.token)).status).toBe(404);
  expect((await end(`/v1/users/me/sessions/${other.sessionId}`, person.token)).status).toBe(204);
  expect((await refresh(other.refreshToken)).status).toBe(401);
  expect(await sessions(person.token)).toBe(1);

  const form = new URLSearchParams({ token: refreshed.body.token });
  expect((await auth.send("/oauth/revoke", { method: "POST", body: form })).status).toBe(200);
  expect((await auth.get("/v1/users/me", { token: refreshed.body.token })).status).toBe(401);
  const everywhere = await auth.post("/v1/auth/logout-all", {}, { token: person.token });
  expect(everywhere.status).toBe(204);
  expect((await refresh(refreshed.body.refresh_token)).status).toBe(401);
  expect((await loginAgain(auth, person)).token).toBeTypeOf("string");
  expect(await sessions(stranger.token)).toBe(1);
});
