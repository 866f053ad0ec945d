// An OpenID provider on loopback. Arguments: port, redirect URIs with commas, accounts as JSON by login.
import Provider from "oidc-provider";

const [port, redirectUris, accounts] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = JSON.parse(accounts);

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "cardwright",
      client_secret: "a secret of: the tests",
      redirect_uris: redirectUris.split(","),
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  pkce: { required: () => true },
  cookies: { keys: ["a key of the tests"] },
  findAccount: (_context, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
});

provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
