/**
 * For `wrk`: sends requests from a file (length, line feed, bytes) at random, or each of them once and in their order, and
 * ends with its counts as JSON.
 */
export const WRK_SCRIPT: string = `
local requests = {}

function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*n")
    if length == nil then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
  math.randomseed(tonumber(args[2]))
  once = args[3] == "once"
end

local sent = 0

function request()
  if not once then return requests[math.random(#requests)] end
  sent = sent + 1
  if sent <= #requests then return requests[sent] end
  -- One that was sent before would fail. What is asked for now is not sent any more.
  wrk.thread:stop()
  return requests[#requests]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"requests":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"errors":%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
`;
