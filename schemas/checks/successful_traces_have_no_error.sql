-- a trace that succeeded has neither error nor revert_reason
-- needs traces
SELECT block_number, transaction_index, trace_address, error, revert_reason
FROM traces
WHERE success AND (error IS NOT NULL OR revert_reason IS NOT NULL)
