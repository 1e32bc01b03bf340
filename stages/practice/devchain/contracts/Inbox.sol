// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice Where a rollup posts its batches. modern/Inbox.sol takes blobs, too.
contract Inbox {
    uint256 public count; // slot 0
    mapping(uint256 index => bytes32) public batches; // slot 1

    event BatchPosted(uint256 indexed index, bytes32 hash, uint256 length);

    function post(bytes calldata batch) external {
        bytes32 hash = keccak256(batch);
        emit BatchPosted(_store(hash), hash, batch.length);
    }

    function _store(bytes32 hash) internal returns (uint256 index) {
        index = count++;
        batches[index] = hash;
    }
}
