-- proxies (EIP-1967), the contract they hand calls to, and how often that was changed
-- needs storage_diffs
SELECT
    hex0x(address) AS proxy,
    hex0x(max_by(to_value, (block_number, change_index))[13:32]) AS implementation,
    count(*) - 1 AS upgrades,
    min(block_number) AS since_block,
    max(block_number) AS last_change_block
FROM storage_diffs
WHERE slot = bin('0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc')
GROUP BY address
ORDER BY upgrades DESC, proxy
LIMIT 10
