import { createAuth } from "authgraft";
import { authgraft, requireAdmin, requireUser } from "authgraft/express";
import express from "express";

const { DATABASE_URL = "", AUTHGRAFT_SECRET = "", PORT = "3000" } = process.env;
const auth = await createAuth({ database: DATABASE_URL, secret: AUTHGRAFT_SECRET });

const app = express();
app.use(authgraft(auth));
app.use(express.json());

app.get("/", (_, response) => {
  response.json({ message: "Welcome." });
});

app.get(
  "/me",
  requireUser(auth, async (request, response) => {
    const { display_name, username, email } = await request.user.profile();
    response.json({ message: `Hello, ${display_name ?? username ?? email}.` });
  }),
);

app.use("/admin", requireAdmin(auth));
app.get("/admin", (request, response) => {
  response.json({ message: `User ${request.user?.id} is an administrator.` });
});

app.listen(Number(PORT), () => console.log(`Listening on http://localhost:${PORT}`));
