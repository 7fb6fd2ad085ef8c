/** The flags of node-orchestrator, in the way Go programs write them, as the options of our commands. */
export interface Translation {
  readonly arguments: readonly string[];
  /** What was accepted but means something else here. */
  readonly remarks: readonly string[];
}

/** Translates what follows `serve` or `schemas`; everything else stays as it is. */
export function translateGoFlags(given: readonly string[]): Translation {
  const command = given.findIndex((word) => word === 'serve' || word === 'schemas');
  if (command === -1) return { arguments: given, remarks: [] };
  const translated = given.slice(0, command + 1);
  const remarks: string[] = [];
  for (let index = command + 1; index < given.length; index++) {
    const word = given[index] ?? '';
    const match = /^--?(dir|snapshot-freq|snapshot-dir|restore|init-tables)(?:=(.*))?$/.exec(word);
    if (match === null || (word.startsWith('--') && !isOriginalOnly(match[1], given[command]))) {
      translated.push(word);
      continue;
    }
    const [, name, attached] = match;
    const following = given[index + 1];
    const separate = following !== undefined && !following.startsWith('-') ? following : undefined;
    switch (name) {
      case 'dir':
        translated.push(given[command] === 'serve' ? '--data-dir' : '--dir');
        if (attached !== undefined) translated.push(attached);
        break;
      case 'snapshot-freq':
        translated.push('--snapshot-every');
        if (attached !== undefined) translated.push(attached);
        break;
      case 'restore':
        translated.push(attached === undefined ? '--restore' : `--restore=${attached}`);
        break;
      case 'snapshot-dir':
        if (attached === undefined && separate !== undefined) index += 1;
        remarks.push('-snapshot-dir: snapshots always go to the folder snapshots/ inside the data folder, which is made when it is missing');
        break;
      case 'init-tables':
        if (attached === undefined && (separate === 'true' || separate === 'false')) index += 1;
        remarks.push('-init-tables: nothing to do; tables follow from the schemas at every start');
        break;
    }
  }
  return { arguments: translated, remarks };
}

/** `--dir` is our own option of `schemas`, and `--restore` of `serve`. */
function isOriginalOnly(name: string | undefined, command: string | undefined): boolean {
  return name !== 'restore' && !(name === 'dir' && command === 'schemas');
}
