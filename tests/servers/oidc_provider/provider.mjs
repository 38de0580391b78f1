// oidc-provider (OpenID-certified) with the people of the tests. `node provider.mjs settings.json`.
// The settings come in a file, because arguments and environments can be read by others.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider, { interactionPolicy } from 'oidc-provider';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const PASSWORD = 'urn:example:password';
const SECOND_FACTOR = 'urn:example:second-factor';
const people = new Map(settings.people.map((person) => [person.name, person]));

function claimsOf(person) {
  const claims = {
    sub: person.name,
    preferred_username: person.name,
    name: person.display_name,
    email: person.mail,
    email_verified: true,
    department: person.department,
  };
  return person.groups === null ? claims : { ...claims, groups: person.groups };
}

// What most companies' providers do, and this one leaves to its operator: `acr_values` without `essential` asks too.
function policy() {
  const prompts = interactionPolicy.base();
  const { Check } = interactionPolicy;
  const isMissing = ({ oidc }) =>
    oidc.params.acr_values?.split(' ').includes(SECOND_FACTOR) && oidc.acr !== SECOND_FACTOR && !oidc.result?.login;
  const check = (ctx) => (isMissing(ctx) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT);
  prompts.get('login').checks.add(new Check('second_factor', 'a second factor is asked for', check));
  return prompts;
}

const provider = new Provider(settings.issuer, {
  clients: [settings.client],
  jwks: settings.jwks,
  cookies: { keys: settings.cookie_keys },
  scopes: ['openid'],
  claims: {
    openid: ['sub', 'amr', 'acr', 'sid'],
    profile: ['name', 'preferred_username', 'department'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  conformIdTokenClaims: false, // claims go into the ID token as well, as most companies have it
  pkce: { required: () => true },
  acrValues: [PASSWORD, SECOND_FACTOR],
  // Without `offline_access` a refresh token ends with the person's session there, as the gateway wants it.
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => { ctx.body = logoutPage(form); } },
    backchannelLogout: { enabled: true },
  },
  // Its guard against addresses of private networks would keep it from a gateway on loopback.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  ttl: { AuthorizationCode: 60, IdToken: 600, AccessToken: 600, RefreshToken: 28800, Interaction: 600, Grant: 28800, Session: 28800 },
  interactions: { policy: policy(), url: (_, interaction) => `/login/${interaction.uid}` },
  findAccount: (_, name) => people.has(name) && { accountId: name, claims: () => claimsOf(people.get(name)) },
  loadExistingGrant: grantWhatIsAsked,
});

// Nobody is asked for consent: companies decide that for their people.
async function grantWhatIsAsked({ oidc }) {
  const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope([...oidc.requestParamScopes].join(' '));
  await grant.save();
  return grant;
}

const loginPage = (sentence) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sign in</title>
<h1>oidc-provider</h1><p role="alert">${sentence}</p>
<form method="post">
  <label>User <input name="user"></label>
  <label>Password <input name="password" type="password"></label>
  <label><input name="mfa" type="checkbox" value="yes"> with a second factor</label>
  <button>Sign in</button>
</form></html>`;

const logoutPage = (form) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sign out</title>
<h1>oidc-provider</h1>${form}
<button form="op.logoutForm" name="logout" value="yes">Sign out here too</button></html>`;

async function login(request, response) {
  await provider.interactionDetails(request, response); // throws when the browser is not the one that began
  if (request.method !== 'POST') return show(response, 200, loginPage(''));
  const form = new URLSearchParams(await body(request));
  const person = people.get(form.get('user'));
  if (person?.password !== form.get('password')) return show(response, 401, loginPage('Wrong user or password.'));
  const [amr, acr] = form.has('mfa') ? [['pwd', 'otp', 'mfa'], SECOND_FACTOR] : [['pwd'], PASSWORD];
  return provider.interactionFinished(request, response, { login: { accountId: person.name, amr, acr } });
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function show(response, status, html) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(html);
}

const standard = provider.callback();

createServer((request, response) => {
  if (!request.url.startsWith('/login/')) return standard(request, response);
  return login(request, response).catch((problem) => show(response, 400, `<h1>${problem.name}</h1>`));
}).listen(settings.port, '127.0.0.1');
