-- One row per movement of ether.

CREATE TYPE IF NOT EXISTS transfer_type AS ENUM (
    'transaction', 'call', 'create', 'suicide', 'burn', 'reward', 'ommer_reward', 'withdrawal', 'genesis', 'daofork',
    'system'
);

CREATE TABLE IF NOT EXISTS native_transfers (
    block_number      UBIGINT NOT NULL,
    transaction_index UINTEGER,
    transfer_index    UINTEGER NOT NULL,
    from_address      BLOB USING COMPRESSION dictionary,
    to_address        BLOB USING COMPRESSION dictionary,
    value             DECIMAL(38,0),
    value_u256        BLOB,
    transfer_type     transfer_type NOT NULL
);

COMMENT ON TABLE native_transfers IS 'One row per movement of ether that took place: of more than zero wei, by a frame that succeeded with all frames above it, never a delegatecall, callcode or staticcall, and by rewards, withdrawals, system calls, genesis and the DAO fork. Together with the fees of the transactions they are all there is to balances: summed account by account they equal the state. From Amsterdam on the protocol logs those that go from one account to another within transactions (EIP-7708): logs has them, by 0xfffffffffffffffffffffffffffffffffffffffe. Ether: scaled(sum_amount(value, value_u256), 18). sum(value) overflows, or leaves out what is in value_u256. Ordered by block_number, transfer_index: the DAO fork, system calls before the transactions, transactions in order, system calls after them, rewards, withdrawals.';
COMMENT ON COLUMN native_transfers.block_number IS 'Height of the block.';
COMMENT ON COLUMN native_transfers.transaction_index IS 'Position of the transaction in the block, from 0. NULL outside transactions: rewards, withdrawals, system calls (what one burns too), genesis and the DAO fork.';
COMMENT ON COLUMN native_transfers.transfer_index IS 'Position in the block, from 0.';
COMMENT ON COLUMN native_transfers.from_address IS '20 bytes: who had the wei. NULL where it was made: reward, ommer_reward, withdrawal, genesis.';
COMMENT ON COLUMN native_transfers.to_address IS '20 bytes: who has the wei now. NULL where it was destroyed: burn.';
COMMENT ON COLUMN native_transfers.value IS 'Wei. NULL above 10^38-1: value_u256 then has it. In sums take both: sum_amount(value, value_u256); amount(value, value_u256) is one number.';
COMMENT ON COLUMN native_transfers.value_u256 IS 'Wei as 32 bytes, big-endian, where value cannot hold it. NULL otherwise.';
COMMENT ON COLUMN native_transfers.transfer_type IS 'transaction: the value of the transaction itself, also of one that creates a contract; call, create: of a frame below the root; suicide: balance handed over by SELFDESTRUCT; burn: balance of a self-destructed contract that was destroyed, because the contract named itself or got it after the instruction; reward: proof of work for the block, its share for included ommers added; ommer_reward: for an ommer; withdrawal: from the beacon chain; genesis: balance of the genesis state; daofork: account emptied by the DAO fork; system: moved, by whatever instruction, in a system call (EIP-4788, EIP-2935, EIP-7002, EIP-7251, EIP-8282): the contracts of public chains move none.';
