import type { FaultCode } from './faults.ts';

/** What each fault means and what to do about it, for the pages under `/problems` and the description of the API. */

export interface FaultText {
  /** As the README has it; a test compares them. Words in backticks are code. */
  readonly meaning: string;
  readonly remedy: string;
}

export const FAULT_TEXTS: Readonly<Record<FaultCode, FaultText>> = {
  'malformed-json': {
    meaning:
      'The body is no JSON, or JSON that two readers could understand differently (a member twice, half a surrogate pair, a number beyond a double, more than 64 levels).',
    remedy: 'Correct the body; `errors` or the text names the place.',
  },
  'invalid-encoding': {
    meaning: 'The body is not UTF-8, or begins with a byte order mark.',
    remedy: 'Send the body as UTF-8, without a byte order mark.',
  },
  invalid: {
    meaning: 'The record does not match its schema; `errors` says where.',
    remedy: 'Correct the places that `errors` names. `/schemas` has the schemas to check with before anything is sent.',
  },
  'invalid-parameter': {
    meaning: 'A parameter, a header or a member of the request is unknown or has an impossible value; the text names it.',
    remedy: 'Correct or leave out what the text names; `/openapi.json` lists what there is.',
  },
  'invalid-id': {
    meaning: 'The name of the record in the path cannot be one.',
    remedy: 'Name the record by its key or by one of its natural keys.',
  },
  'invalid-request': {
    meaning: 'The request itself is wrong: a header given twice, a body cut off, a JSON patch that is none.',
    remedy: 'Correct what the text names.',
  },
  unauthorized: {
    meaning: 'There is no token, or one that is not valid here.',
    remedy: 'Send `Authorization: Bearer` and a token that is valid now; `holdfast token` makes one.',
  },
  forbidden: {
    meaning: 'The token is valid and lacks the scope that this needs.',
    remedy: 'Ask for a token with the scope that the text names.',
  },
  'not-found': {
    meaning: 'There is no such record, or nothing at this path.',
    remedy: 'Look for the right name or path: a list shows what there is.',
  },
  'method-not-allowed': {
    meaning: 'The path exists without this method; `Allow` says which it has.',
    remedy: 'Use one of the methods in `Allow`.',
  },
  conflict: {
    meaning: 'Another record has this unique value, or needs the record that is to go.',
    remedy: 'Read the record that the text names, and change that one or this one.',
  },
  'patch-failed': {
    meaning: 'The patch does not fit the record as it is now: a `test` failed, or a path leads nowhere.',
    remedy: 'Read the record again, and make the patch for what it is now.',
  },
  'precondition-failed': {
    meaning: 'The record has another revision than `If-Match` says.',
    remedy: 'Read the record again, decide anew, and send the new ETag.',
  },
  'too-large': {
    meaning: 'The body or the record is larger than the limit.',
    remedy: 'Send less at once; the text names the limit.',
  },
  'uri-too-long': {
    meaning: 'The URL is longer than the limit.',
    remedy: 'Ask with fewer or shorter parameters.',
  },
  'unsupported-media-type': {
    meaning: 'The `Content-Type` or `Content-Encoding` is not one that is read here.',
    remedy: 'Send one of the types that the text names, as it is, without Content-Encoding.',
  },
  'not-acceptable': {
    meaning: 'A list comes as JSON or NDJSON, a result of SQL also as CSV, Arrow or Parquet, and `Accept` asks for something else.',
    remedy: 'Ask for `application/json` or `application/x-ndjson`, or leave `Accept` out.',
  },
  'idempotency-mismatch': {
    meaning: 'This `Idempotency-Key` came with another request before.',
    remedy: 'Use a new key for a new request.',
  },
  'too-many-failures': {
    meaning: 'There were too many wrong passwords or tokens from this address. Until a second has passed only who is logged in already is heard.',
    remedy: 'Wait for a second, then send the right password, or a valid token.',
  },
  'too-many-requests': {
    meaning: 'Your address, or you as its caller, has as many connections or requests under way as one may have; others are still served.',
    remedy: 'Send the same request again after a while, and fewer at once.',
  },
  overloaded: {
    meaning: 'Too many requests or bytes are waiting; try again.',
    remedy: 'Send the same request again after a while, and fewer at once.',
  },
  recovering: {
    meaning: 'The server has just started and still builds its key index; try again in a moment.',
    remedy: 'Send the same request again after a moment.',
  },
  stopping: {
    meaning: 'The server is stopping.',
    remedy: 'Send the same request again when the server is back.',
  },
  'not-durable': {
    meaning: 'The change could not be written to disk, or kept in memory (either may be full), and was not made; reads go on.',
    remedy: 'Make room on the disk, or delete records; the same request can be sent again then.',
  },
  'outcome-unknown': {
    meaning: 'The store failed in the middle: the change may or may not be there. Read the record before you try again.',
    remedy: 'Look what became of it before anything is sent again.',
  },
  'reservation-id-taken': {
    meaning: 'The plugin chose a reservation id that another reservation holds; what it made is left again, or listed as `orphaned`.',
    remedy: 'Settle the reservation that has the id; the plugin should never choose one twice.',
  },
  'wrong-state': {
    meaning: 'The reservation is in a state in which this is not possible; the text names it.',
    remedy: 'Read the reservation, and wait for its operation or settle it.',
  },
  'join-refused': {
    meaning: 'The plugin returned a status other than 0 to a join; the text has its message.',
    remedy: 'Correct the properties, or ask whoever runs the substrate.',
  },
  'plugin-failed': {
    meaning: "The plugin's thread or process broke down, or it returned what it may not; the reservation is listed as `unknown` if anything may have happened.",
    remedy: 'Look at the reservation and at the log of the server, then at the plugin.',
  },
  'plugin-timeout': {
    meaning: 'The plugin exceeded the time limit of the call; the reservation is `unknown` until the call has ended or somebody settles it.',
    remedy: 'Look at the reservation later: the call may still come to an end.',
  },
  'snapshot-failed': {
    meaning: 'The snapshot could not be taken; those before it and the journal are as they were.',
    remedy: 'Try again, and look at the disk if it fails again.',
  },
  timeout: {
    meaning: 'There was no answer within the time limit; a change that was asked for may still be made. A query was ended.',
    remedy: 'Look whether the change was made before it is sent again; a read can just be sent again.',
  },
  internal: {
    meaning: 'A defect in the server; its log has the details under the request id.',
    remedy: 'Report it, with the lines of the log that have the request id.',
  },
  'invalid-sql': {
    meaning: 'The SQL cannot be read, names something that is not there, or fails on a value; the text says where.',
    remedy: 'Correct the SQL; tables are named like the kinds.',
  },
  'forbidden-sql': {
    meaning: 'The SQL is something else than one `SELECT`, or uses what is not allowed in one; the text names it.',
    remedy: 'Ask with one `SELECT` and without what the text names.',
  },
  'result-too-large': {
    meaning: 'The result has more rows or bytes than the configuration allows.',
    remedy: 'Ask for less with `WHERE`, `LIMIT` or fewer columns, or raise `query.rowsMax` or `query.bytesMax`.',
  },
  'query-resources': {
    meaning: 'The query needs more memory than it may have.',
    remedy: 'Ask for less at once, or raise `query.memory`.',
  },
  'query-failed': {
    meaning: 'The process of the query broke down, or its tables could not be loaded; the log says more.',
    remedy: "Try again; when it stays so, look into the server's log.",
  },
};
