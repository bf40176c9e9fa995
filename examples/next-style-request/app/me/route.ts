import { withUser } from "authgraft/request";
import { auth } from "../../auth.ts";

export const GET = withUser(auth, async (_, user) => {
  const { display_name, username, email } = await user.profile();
  return Response.json({ message: `Hello, ${display_name ?? username ?? email}.` });
});
