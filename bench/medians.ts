import { type Figure, type Limit, median, type Peer } from './figure.ts';

/** One figure of several rounds: of every number the median, so that each round can have all that is compared in turns. */
export function medianFigures(rounds: readonly (readonly Figure[])[]): readonly Figure[] {
  const [first = []] = rounds;
  return first.map((figure) => {
    const same = rounds.flatMap((round) => round.filter((other) => other.figure === figure.figure));
    const { also, peers, details } = figure;
    return {
      ...figure,
      value: median(same.map(({ value }) => value)),
      limit: medianLimit(same.map(({ limit }) => limit)),
      ...(also === undefined ? {} : { also: also.map((_, index) => medianLimit(same.flatMap((other) => other.also?.[index] ?? []))) }),
      ...(peers === undefined ? {} : { peers: peers.map((_, index) => medianPeer(same.flatMap((other) => other.peers?.[index] ?? []))) }),
      runs: same.reduce((sum, { runs }) => sum + runs, 0),
      ...(details === undefined ? {} : { details: medianDetails(same.map((other) => other.details ?? {})) }),
    };
  });
}

function medianLimit<L extends Limit>(limits: readonly L[]): L {
  const [first] = limits;
  if (first === undefined) throw new RangeError('no limits');
  return { ...first, value: median(limits.map(({ value }) => value)) };
}

function medianPeer(peers: readonly Peer[]): Peer {
  const peer = medianLimit(peers);
  if (peer.details === undefined) return peer;
  const details: Record<string, number> = {};
  for (const [key, value] of Object.entries(medianDetails(peers.map((other) => other.details ?? {})))) if (typeof value === 'number') details[key] = value;
  return { ...peer, details };
}

/** Texts are those of the first round. */
function medianDetails(rounds: readonly Readonly<Record<string, number | string>>[]): Readonly<Record<string, number | string>> {
  return Object.fromEntries(
    Object.entries(rounds[0] ?? {}).map(([key, detail]) => {
      const numbers = rounds.map((round) => round[key]).filter((other) => typeof other === 'number');
      return [key, numbers.length === 0 ? detail : median(numbers)];
    }),
  );
}
