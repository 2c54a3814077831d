/**
 * A real OpenID Connect provider in a process of its own. Whoever types a name there is that person; their address is
 * NAME@example.org, and is not verified where the name says so.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

const [, , host = '', clientSecret = ''] = process.argv;
const server = createServer();
server.listen(0, '127.0.0.1', () => process.send?.({ issuer: issuerOf() }));
const issuerOf = () => `http://${host}:${(server.address() as AddressInfo).port}`;
// Where it may lead back to is told once the desk has its address.
process.on('message', (redirectUri: string) => {
  const provider = new Provider(issuerOf(), {
    clients: [{ client_id: 'purgedesk', client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    cookies: { keys: ['only for tests'] },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      IdToken: 600,
      Grant: 600,
      Interaction: 600,
      Session: 600,
    },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id.replace(/-.*/, '')}@example.org`,
        email_verified: !id.includes('unverified'),
      }),
    }),
  });
  server.on('request', provider.callback());
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit());
