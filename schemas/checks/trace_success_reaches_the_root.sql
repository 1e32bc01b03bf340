-- a trace succeeded only if the trace above it and its transaction did
-- needs traces
SELECT child.block_number, child.transaction_index, child.trace_address, child.success,
    parent.success AS parent_success, child.transaction_success
FROM traces AS child
LEFT JOIN traces AS parent
    ON parent.block_number = child.block_number
    AND parent.transaction_index = child.transaction_index
    AND parent.trace_address = child.trace_address[1 : len(child.trace_address) - 1]
    AND len(child.trace_address) > 0
WHERE child.success
    AND child.transaction_index IS NOT NULL
    AND (parent.success = false OR child.transaction_success IS NOT TRUE)
