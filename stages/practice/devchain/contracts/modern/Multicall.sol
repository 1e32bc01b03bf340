// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice Many reads as one. Sent as a transaction it is one that changes nothing.
contract Multicall {
    /// @return blockNumber The block that was read.
    /// @return digest A hash chained over the outcome and the answer of every call; a failing call is no failure here.
    function aggregate(address[] calldata targets, bytes[] calldata data)
        external
        view
        returns (uint256 blockNumber, bytes32 digest)
    {
        for (uint256 i = 0; i < targets.length; i++) {
            (bool ok, bytes memory answer) = targets[i].staticcall(data[i]);
            digest = keccak256(abi.encode(digest, ok, answer));
        }
        blockNumber = block.number;
    }
}
