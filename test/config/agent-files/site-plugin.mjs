/** A module that a configuration can name; its calls do nothing. */
export function makeSite() {
  const nothing = () => ({ status: 0 });
  return { initialize: () => undefined, join: nothing, leave: nothing, modify: nothing, renew: nothing, status: nothing };
}
