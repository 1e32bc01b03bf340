-- every instruction runs in a call or a creation of its transaction, as deep as its trace address is long, plus 1
-- needs traces, opcodes
WITH frames AS (
    SELECT DISTINCT block_number, transaction_index, trace_index, depth FROM opcodes
)
SELECT block_number, frames.transaction_index, trace_index, depth, trace_type, len(trace_address) + 1 AS expected
FROM frames
LEFT JOIN traces USING (block_number, trace_index)
WHERE frames.transaction_index IS DISTINCT FROM traces.transaction_index
    OR trace_type NOT IN ('call', 'create')
    OR depth <> len(trace_address) + 1
