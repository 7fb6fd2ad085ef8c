import { type Kind, kindOf, type Schema } from '../../../schemas/kind.ts';
import { RESERVATIONS } from '../../protocol/reservations.ts';

/**
 * Reservations are records like those of the inventory: the same journal, record log, table, snapshot and recovery. Their
 * kind has no route of its own, and only the steps of `transitions.ts` change them.
 */

const text: Schema = { type: 'string' };
const time: Schema = { type: 'string', format: 'date-time' };
const properties: Schema = { type: 'object' };

const SCHEMA: Schema = {
  type: 'object',
  'x-holdfast': { key: 'operation_id', naturalKeys: ['held_as'] },
  additionalProperties: false,
  properties: {
    operation_id: { type: 'string', format: 'uuid' },
    endpoint: text,
    reservation_id: text,
    held_as: { type: 'string', 'x-holdfast-unique': 'exact' },
    state: text,
    resume_state: text,
    until: time,
    renew_deadline: time,
    join_properties: properties,
    sched_properties: properties,
    has_private: { type: 'boolean' },
    private: { type: 'string', 'x-holdfast-secret': 'has_private' },
    attempts: { type: 'integer' },
    last_error: text,
    calls: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          operation: text,
          operation_id: text,
          caller: text,
          started_at: time,
          duration_ms: { type: 'integer' },
          outcome: text,
          error: text,
        },
      },
    },
    idempotency: { type: 'string', 'x-holdfast-unique': 'exact' },
    request_hash: text,
    closed_at: time,
    close_reason: text,
    created_at: time,
    updated_at: time,
    revision: { type: 'integer' },
  },
};

export const RESERVATION_KIND: Kind = kindOf(RESERVATIONS, SCHEMA);

/** Kinds that every store has beside those of the inventory. */
export const INTERNAL_KINDS: readonly Kind[] = [RESERVATION_KIND];
