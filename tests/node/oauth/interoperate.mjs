// Drives the authorization server with an independent, certified client and prints what it saw as JSON.
import { randomUUID } from "node:crypto";
import * as jose from "jose";
import * as oidc from "openid-client";

const { issuer, cookie, phone, partner, machine, assertionKey } = JSON.parse(process.env.SCENE);
const insecure = { execute: [oidc.allowInsecureRequests] }; // loopback has no TLS
const seen = {};

async function browse(url) {
  // A browser that is signed in: it follows the redirect to the page of consent, and says yes.
  const headers = { cookie, origin: issuer };
  let answer = await fetch(url, { redirect: "manual", headers });
  let target = answer.headers.get("location");
  if (answer.status !== 303) throw new Error(`authorize answered ${answer.status}: ${await answer.text()}`);
  if (target.includes("/oauth/consent/")) {
    const page = await (await fetch(target, { headers })).text();
    seen.consentPage = page;
    const body = new URLSearchParams({ decision: "approved" });
    answer = await fetch(target, { method: "POST", redirect: "manual", headers, body });
    target = answer.headers.get("location");
  }
  return new URL(target);
}

async function refusalOf(attempt) {
  try {
    await attempt();
  } catch (error) {
    return error.error ?? error.status ?? String(error); // a challenge for other credentials has a status only
  }
  return "accepted";
}

async function authorizationOf(config, redirectUri, scope, { push, dpop }) {
  const codeVerifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const parameters = {
    redirect_uri: redirectUri, scope, state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier), code_challenge_method: "S256",
  };
  const url = push
    ? await oidc.buildAuthorizationUrlWithPAR(config, parameters, dpop && { DPoP: dpop })
    : oidc.buildAuthorizationUrl(config, parameters);
  const landed = await browse(url);
  const checks = { pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return { url, landed, checks };
}

async function asPhone() {
  const config = await oidc.discovery(new URL(issuer), phone.id, undefined, oidc.None(), insecure);
  const keys = await oidc.randomDPoPKeyPair("ES256");
  const dpop = oidc.getDPoPHandle(config, keys);
  const { landed, checks } = await authorizationOf(config, phone.redirectUri, phone.scope, { push: true, dpop });
  const tokens = await oidc.authorizationCodeGrant(config, landed, checks, undefined, { DPoP: dpop });
  const claims = tokens.claims();
  const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP: dpop });
  const me = await oidc.fetchProtectedResource(
    config, tokens.access_token, new URL("/v1/me", issuer), "GET", undefined, undefined, { DPoP: dpop },
  );
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: dpop });
  const stolen = await fetch(new URL("/v1/me", issuer), {
    headers: { authorization: `Bearer ${refreshed.access_token}` },
  });
  await oidc.tokenRevocation(config, refreshed.refresh_token);
  const afterwards = await refusalOf(() =>
    oidc.refreshTokenGrant(config, refreshed.refresh_token, undefined, { DPoP: dpop }));
  seen.phone = {
    issuerInAnswer: landed.searchParams.get("iss"), tokenType: tokens.token_type, claims, userinfo,
    me: me.status, rotated: refreshed.refresh_token !== tokens.refresh_token, stolen: stolen.status, afterwards,
    idTokenHeader: jose.decodeProtectedHeader(tokens.id_token),
    accessTokenHeader: jose.decodeProtectedHeader(tokens.access_token),
  };
}

async function asPartner() {
  const key = { key: await jose.importJWK(assertionKey, "ES256"), kid: assertionKey.kid };
  const config = await oidc.discovery(new URL(issuer), partner.id, undefined, oidc.PrivateKeyJwt(key), insecure);
  const unpushed = await authorizationOf(config, partner.redirectUri, partner.scope, { push: false });
  const { url, landed, checks } = await authorizationOf(config, partner.redirectUri, partner.scope, { push: true });
  const tokens = await oidc.authorizationCodeGrant(config, landed, checks);
  const verified = await jose.jwtVerify(
    tokens.access_token, jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri)),
    { issuer, audience: issuer, typ: "at+jwt" },
  );
  const alive = await oidc.tokenIntrospection(config, tokens.access_token);
  const again = await browse(url).then(() => "accepted", (error) => String(error).includes("invalid_request_uri"));
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  const replayed = await refusalOf(() => oidc.authorizationCodeGrant(config, landed, checks));
  const dead = await oidc.tokenIntrospection(config, refreshed.access_token);
  seen.partner = {
    unpushed: unpushed.landed.searchParams.get("error"), verified: verified.payload, alive, dead, replayed,
    pushedTwice: again, tokenType: tokens.token_type, rotated: refreshed.refresh_token !== undefined,
  };
}

async function asMachine() {
  const config = await oidc.discovery(
    new URL(issuer), machine.id, undefined, oidc.ClientSecretBasic(machine.secret), insecure);
  const tokens = await oidc.clientCredentialsGrant(config, { scope: machine.scope });
  const resource = await oidc.fetchProtectedResource(
    config, tokens.access_token, new URL("/v1/users", issuer), "GET");
  const told = await oidc.tokenIntrospection(config, tokens.access_token);
  await oidc.tokenRevocation(config, tokens.access_token);
  const after = await fetch(new URL("/v1/users", issuer), {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  const wrong = await oidc.discovery(
    new URL(issuer), machine.id, undefined, oidc.ClientSecretBasic(randomUUID()), insecure);
  seen.machine = {
    resource: resource.status, subject: told.sub, scope: tokens.scope, after: after.status,
    wrongSecret: await refusalOf(() => oidc.clientCredentialsGrant(wrong, { scope: machine.scope })),
  };
}

async function asServer() {
  const config = await oidc.discovery(
    new URL(issuer), phone.id, undefined, oidc.None(), { ...insecure, algorithm: "oauth2" });
  seen.metadata = { oauth2: config.serverMetadata().issuer, pkce: config.serverMetadata().supportsPKCE("S256") };
}

await asServer();
await asPhone();
await asPartner();
await asMachine();
process.stdout.write(JSON.stringify(seen));
