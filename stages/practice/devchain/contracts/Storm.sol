// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

// Contracts that press one thing as hard as gas allows.

/// @notice Calls itself, level below level.
contract DeepRecursion {
    /// @dev Kept back at every level for the call and the way out.
    uint256 private constant RESERVED_GAS = 3000;

    /// @notice Ends quietly at depth 0, at the 1024th frame, or when the gas is gone.
    function recurse(uint256 depth) external {
        if (depth == 0 || gasleft() < 2 * RESERVED_GAS) return;
        try this.recurse{gas: gasleft() - RESERVED_GAS}(depth - 1) {} catch {}
    }
}

/// @notice Calls one target again and again.
contract CallLoop {
    /// @notice Outcomes are ignored, but a target that takes all gas ends the loop.
    /// @param inputBytes Length of the input: zeros, the last byte 1. It is allocated once.
    function run(address target, uint256 calls, uint256 inputBytes) external {
        assembly {
            let input := mload(0x40)
            if inputBytes { mstore8(add(input, sub(inputBytes, 1)), 1) }
            for {} calls { calls := sub(calls, 1) } {
                // Before EIP-150 the cost of the call itself has to remain, up to 25,000 for an account that is new.
                pop(call(sub(gas(), 30000), target, 0, input, inputBytes, 0, 0))
            }
        }
    }
}

/// @notice Does nothing, for a long time.
contract Spinner {
    function spin(uint256 loops) external pure {
        assembly {
            for {} loops { loops := sub(loops, 1) } {}
        }
    }
}
