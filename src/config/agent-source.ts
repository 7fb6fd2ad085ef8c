import type { Elements, Path } from './elements.ts';
import type { Mistake } from './layer.ts';

/** What was found while a configuration was read. */
export interface Report {
  readonly mistakes: Mistake[];
  /** What is accepted, and somebody should know of; for the log. */
  readonly remarks: string[];
}

/**
 * The agent as YAML or NodeAgent2's XML say it, both in the shape of the YAML section, without defaults. Parts that are
 * wrong by themselves were reported, and are absent or of another type.
 */
export interface AgentSource {
  /** Absolute; paths and packages of plugins are looked up from its folder. Undefined without any file. */
  readonly file: string | undefined;
  /** Text of a period. */
  readonly tick: unknown;
  readonly endpoints: readonly Elements[];
  /** Of the user `admin`, when the file holds it. */
  readonly password: string | undefined;
  /** How a mistake names an element of this shape: `['tick']`, `['endpoints', 2, 'plugin']`. */
  at(path: Path): Pick<Mistake, 'place' | 'element'>;
}
