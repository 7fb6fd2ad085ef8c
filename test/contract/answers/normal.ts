/** What is different each time: ids, times, ports, what was measured, and lengths of bodies that have such. */
const CHANGING: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/(Date|uWebSockets): .*\r?\n/g, ''],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b[0-9a-f]{32,64}\b/g, '<hash>'],
  [/switch\.[0-9a-f]{12}/g, 'switch.<id>'],
  [/(X-Request-Id: |"requestId":")[\w.:-]+/g, '$1<id>'],
  [/\b\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(\.\d+)?Z?/g, '<time>'],
  [/\b1[78]\d{8}(\d{3})?\b/g, '<epoch>'],
  [/127\.0\.0\.1:\d+/g, '<address>'],
  [/(Content-Length: )\d+/g, '$1<length>'],
  [/"(duration_ms|seconds|bytes)":[\d.]+/g, '"$1":0'],
  [/(nonce|opaque)="[^"]*"/g, '$1=""'],
  // The head of a WebSocket's frame, whose length goes with what is in it.
  [/\u0081~[\s\S]{2}/g, '<frame>'],
  [/# HELP[\s\S]*/, '<metrics>'],
  // How many there still are depends on how long ago they were taken.
  [/\[\{"name":"<time>[\s\S]*/, '<snapshots>'],
  // The feed says now and then that it is still there: a comment, and where it is. The line end after a chunk comes with the next one.
  [/\r\n3\r\n:\n\n/g, ''],
  [/((?:\r\n[0-9a-f]+\r\nid: [^\n]*\ndata: |<frame>)\{[^}]*feed\.position[^}]*\}(?:\n\n)?)\1+/g, '$1'],
];

/** An answer without that: the same from any two servers. */
export function normal(text: string): string {
  return CHANGING.reduce((all, [pattern, replacement]) => all.replace(pattern, replacement), text).trimEnd();
}
