/** The part of a logger that the front needs; pino's is one. */
export interface FrontLog {
  isLevelEnabled(level: string): boolean;
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

type LogFields = Readonly<Record<string, unknown>>;
