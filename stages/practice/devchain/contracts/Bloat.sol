// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

// Contracts that fill the state with accounts. They agree on the addresses: the i-th is the low 160 bits of
//
//     i * STRIDE  (mod 2^256)
//
// so the 0-th is the zero address, and neighbours lie far apart: STRIDE is 2^160 divided by the golden ratio. As it is
// odd, no two indices below 2^160 share an address, and a loop that adds STRIDE can stop at equality with its end.

uint256 constant STRIDE = 0x009e3779b97f4a7c15f39cc0605cedc8341082276b;

/// @notice Creates empty accounts for 126 gas each, as was possible before EIP-150: SELFDESTRUCT cost
/// nothing and created its beneficiary, even for no ether.
contract Bloater {
    /// @notice Creates the accounts `start` to `start + count - 1`. Under later rules this creates nothing.
    function bloat(uint256 start, uint256 count) external {
        assembly {
            // PUSH4 (PUSH1 0 CALLDATALOAD SELFDESTRUCT) PUSH1 0 MSTORE PUSH1 4 PUSH1 28 RETURN
            mstore(0, 0x63600035ff6000526004601cf3)
            let child := create(0, 19, 13)

            let account := mul(start, STRIDE)
            let end := add(account, mul(count, STRIDE))
            for {} xor(account, end) { account := add(account, STRIDE) } {
                mstore(0, account)
                // The child's code stays until the transaction ends. It costs 6 gas; SELFDESTRUCT adds nothing.
                pop(call(6, child, 0, 0, 32, 0, 0))
            }
        }
    }
}

/// @notice Touches the same accounts: since EIP-161 this removes those that are empty.
contract Sweeper {
    function sweep(uint256 start, uint256 count) external {
        assembly {
            let account := mul(start, STRIDE)
            let end := add(account, mul(count, STRIDE))
            for {} xor(account, end) { account := add(account, STRIDE) } {
                pop(call(0, account, 0, 0, 0, 0, 0))
            }
        }
    }
}

/// @notice Creates the same accounts under any rules, with one wei each.
contract Scatter {
    /// @notice What was sent above `count` wei stays here.
    function scatter(uint256 start, uint256 count) external payable {
        require(msg.value >= count, "Scatter: too little ether");
        assembly {
            let account := mul(start, STRIDE)
            let end := add(account, mul(count, STRIDE))
            for {} xor(account, end) { account := add(account, STRIDE) } {
                pop(call(0, account, 1, 0, 0, 0, 0))
            }
        }
    }
}
