export const GET = () => Response.json({ message: "Welcome." });
