import { gauge, type Metric, one } from './metric.ts';

/** Questions that others than the owner answer: about the past, and SQL. */

export interface QuestionSources {
  readonly past: { readonly waiting: Waiting };
  /** Undefined where no SQL can be asked. */
  readonly sql: { readonly waiting: Waiting } | undefined;
}

interface Waiting {
  readonly length: number;
  readonly lengthMax: number;
}

export function questionMetrics({ past, sql }: QuestionSources): readonly Metric[] {
  return [
    gauge('holdfast_past_questions_waiting', 'Questions about the past that wait for those before them.', [], () => one(past.waiting.length)),
    gauge('holdfast_past_questions_waiting_limit', 'How many may; one more is answered with 503.', [], () => one(past.waiting.lengthMax)),
    gauge('holdfast_sql_queries_waiting', 'Queries that wait for a process.', [], () => one(sql?.waiting.length)),
    gauge('holdfast_sql_queries_waiting_limit', 'How many may; one more is answered with 503.', [], () => one(sql?.waiting.lengthMax)),
  ];
}
