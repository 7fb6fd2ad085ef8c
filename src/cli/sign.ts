import { userInfo } from 'node:os';
import { systemClock } from '../clock.ts';
import { StartFailure } from '../faults.ts';
import { refuseWeakSecret, signToken } from '../http/auth.ts';
import { SCOPES } from '../http/scopes.ts';
import { configuredTokenSecret, readTokenSecret, tokenSecretPath } from '../keys.ts';

/** What a token signed on this machine says; all scopes when none is named. */
export interface LocalToken {
  readonly ttlSeconds: number;
  readonly scopes?: readonly string[];
  readonly subject?: string;
  readonly secretFile?: string;
  readonly issuer?: string;
  readonly audience?: string;
}

/** What tokens say when the configuration asks for nothing. */
const DEFAULT_ISSUER = 'holdfast';
const DEFAULT_AUDIENCE = 'holdfast';

/**
 * Signs with the secret that a server on this data folder uses.
 * @throws StartFailure when there is none.
 */
export function signForDataFolder(directory: string, token: LocalToken): Promise<string> {
  const secret = configuredTokenSecret(process.env, token.secretFile) ?? readTokenSecret(directory);
  if (secret === undefined)
    throw new StartFailure(`there is no token secret yet: ${tokenSecretPath(directory)} is made when the server starts for the first time`);
  refuseWeakSecret(secret);
  return signToken(
    secret,
    {
      subject: token.subject ?? userName(),
      scopes: token.scopes ?? SCOPES,
      ttlSeconds: token.ttlSeconds,
      issuer: token.issuer ?? DEFAULT_ISSUER,
      audience: token.audience ?? DEFAULT_AUDIENCE,
    },
    systemClock,
  );
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return `uid-${process.getuid?.() ?? 0}`;
  }
}
