import { withAdmin } from "authgraft/request";
import { auth } from "../../auth.ts";

export const GET = withAdmin(auth, (_, user) => {
  return Response.json({ message: `User ${user.id} is an administrator.` });
});
