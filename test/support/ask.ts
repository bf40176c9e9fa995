import type { Answer, TestAuth, TestRequest } from "./auth.ts";

/** Sends a PATCH with a body of JSON. */
export function patch(
  auth: Pick<TestAuth, "send">,
  path: string,
  body: unknown,
  { token, headers = {} }: TestRequest = {},
): Promise<Answer> {
  return auth.send(path, {
    method: "PATCH",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  });
}
