import { compareSchemas, sizeOf } from "./logical-schema.ts";
import { count, failed, inWords, type Outcome, shorten } from "./outcome.ts";
import type { TakenOut } from "./take-out.ts";
import type { Grafted } from "./up-on-copy.ts";

/** What `down` left, compared with what was there before, and whether it refused where it had to. */
export async function downRestoresGate(
  { before }: Grafted,
  takeOut: () => Promise<TakenOut>,
): Promise<Outcome<true>> {
  const { refusal, noUser, result, failure, schema, seconds } = await takeOut();
  const evidence = {
    refusedWithPassword: refusal?.refusals.map(({ code, message }) => ({ code, message })) ?? null,
    noUser,
    losses: result?.losses ?? [],
    downSeconds: seconds,
  };
  if (refusal !== null && refusal.state !== "refused") {
    return failed("down took the graft out although a user had a password.", evidence);
  }
  if (result?.state === "refused")
    return failed(`down refused without a password user. ${inWords(result.refusals)}`, evidence);
  const differences = compareSchemas(before.schema, schema);
  const said = failure === null ? "" : `${failure} `;
  if (differences.length > 0)
    return failed(`${said}The schema is not as it was: ${shorten(differences)}.`, {
      ...evidence,
      differences,
    });
  if (failure !== null) return failed(failure, evidence);
  const first =
    noUser === null
      ? "down refused while a user had a password"
      : `Whether down refuses while a user has a password could not be tried (${noUser}); without one it`;
  const then = noUser === null ? " and, once they were gone," : "";
  const detail = `${first}${then} took the graft out in ${seconds.toFixed(1)} s: ${count(sizeOf(schema), "object")} of the schema, each as before.`;
  return { passed: true, detail, evidence: { ...evidence, objects: sizeOf(schema) }, value: true };
}
