-- Ten questions, each with what our own samples answer: `ccxdissect export SAMPLES -o tables`, of these samples:
-- agent-day-bridge-and-agent call-control configuration-download outbound-preview queued-call trouble version-18-wide version-18
-- then `ccxdissect sql tables "SELECT ..."`. A test runs them all. `ccxdissect sql tables --tables` lists what else there is.

-- The slowest reply of each hour
SELECT strftime(date_trunc('hour', request_time)::TIMESTAMP, '%Y-%m-%d %H:00') AS hour,
       arg_max(request_name, latency) AS request, round(max(latency), 3) AS seconds
FROM exchanges WHERE latency IS NOT NULL GROUP BY 1 ORDER BY 3 DESC LIMIT 3;
--   hour, request, seconds
--   2025-03-10 11:00, SNAPSHOT_DEVICE_REQ, 2.501
--   2025-03-03 08:00, QUERY_SUMMARY_STATISTICS_REQ, 1.502
--   2025-03-11 15:00, OPEN_REQ, 0.004

-- Agents at whose phones most calls rang in vain
SELECT missed.agent, count(*) AS calls, round(sum(missed.duration) / 1e9, 1) AS seconds
FROM (SELECT unnest(unanswered) AS missed FROM calls) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3;
--   agent, calls, seconds
--   henk, 2, 0.5
--   tilda, 1, 2.0

-- Calls that were transferred, by how often (more than once: HAVING count(*) > 1)
SELECT call, "from", "to", count(*) AS transfers
FROM (SELECT call, "from", "to", unnest(steps) AS step FROM calls)
WHERE step.name = 'CALL_TRANSFERRED_EVENT' GROUP BY ALL HAVING count(*) > 0 ORDER BY transfers DESC, call LIMIT 3;
--   call, from, to, transfers
--   16777507, 2005, 7000, 1

-- Reasons of agents by weekday
SELECT dayname(start) AS day, reason_name, count(*) AS times
FROM agent_states WHERE reason > 0 GROUP BY ALL ORDER BY times DESC, day, reason_name LIMIT 4;
--   day, reason_name, times
--   Monday, , 6
--   Tuesday, AGT_LOGON, 6
--   Monday, AGT_LOGON, 4
--   Thursday, AGT_LOGON, 4

-- Requests that failed, and why
SELECT request_name, failure.code AS code, failure.name AS name, count(*) AS times
FROM exchanges WHERE outcome = 'failed' GROUP BY ALL ORDER BY times DESC, request_name, code LIMIT 4;
--   request_name, code, name, times
--   ANSWER_CALL_REQ, 21, CF_GENERIC_STATE_INCOMPATIBILITY, 1
--   CONFIG_REQUEST_EVENT, 1, CONFIG_SERVICE_PROVIDER, 1
--   CONFIG_REQUEST_KEY_EVENT, 1, CONFIG_SERVICE_PROVIDER, 1
--   HOLD_CALL_REQ, 34, CF_RESOURCE_OUT_OF_SERVICE, 1

-- Requests that nobody answered
SELECT request_name, count(*) AS times FROM exchanges WHERE outcome = 'unanswered' GROUP BY 1 ORDER BY 2 DESC, 1;
--   request_name, times
--   HEARTBEAT_REQ, 3
--   QUERY_AGENT_STATE_REQ, 1

-- How each agent's time was spent
SELECT agent, state_name, round(sum(duration), 1) AS seconds, round(100 * sum(duration) / sum(sum(duration)) OVER (PARTITION BY agent)) AS percent
FROM agent_states GROUP BY agent, state_name ORDER BY seconds DESC LIMIT 4;
--   agent, state_name, seconds, percent
--   quentin, AGENT_STATE_READY, 17.4, 87.0
--   rosa, AGENT_STATE_NOT_READY, 14.5, 100.0
--   boris, AGENT_STATE_NOT_READY, 5.9, 100.0
--   agent2005, AGENT_STATE_NOT_READY, 4.6, 100.0

-- Time in the queue, by queue
SELECT unnest(queues) AS queue, count(*) AS calls, round(avg(totals.queued) / 1e9, 3) AS seconds
FROM calls GROUP BY 1 ORDER BY 1;
--   queue, calls, seconds
--   1, 2, 0.752
--   3, 4, 0.251
--   6, 3, 0.0
--   8, 2, 0.0
--   9, 1, 0.0

-- Who holds callers longest
SELECT device, count(*) AS times, round(max(duration), 3) AS longest
FROM call_phases WHERE phase = 'held' AND device IS NOT NULL GROUP BY 1 ORDER BY 3 DESC LIMIT 3;
--   device, times, longest
--   2101, 2, 1.002
--   2006, 1, 0.507
--   2701, 4, 0.011

-- What clients asked in the second before something failed
SELECT failed.request_name AS failed, m.name AS before, count(*) AS times
FROM exchanges failed JOIN messages m USING (capture, session)
WHERE failed.outcome = 'failed' AND m."from" = 'client' AND m.time < failed.request_time
  AND m.time > failed.request_time - INTERVAL 1 SECOND
GROUP BY ALL ORDER BY times DESC, failed, before LIMIT 3;
--   failed, before, times
--   ANSWER_CALL_REQ, SET_AGENT_STATE_REQ, 4
--   SET_AGENT_STATE_REQ, OPEN_REQ, 3
--   ANSWER_CALL_REQ, OPEN_REQ, 1
