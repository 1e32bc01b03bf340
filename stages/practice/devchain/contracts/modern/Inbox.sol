// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Inbox as CalldataInbox} from "../Inbox.sol";

/// @notice The inbox of a rollup that posts blobs.
contract Inbox is CalldataInbox {
    event BlobsPosted(uint256 indexed index, bytes32[] versionedHashes);

    /// @notice Records the first `count` blobs of the transaction as one batch.
    function postBlobs(uint256 count) external {
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            hashes[i] = blobhash(i);
            require(hashes[i] != 0, "Inbox: no such blob");
        }
        emit BlobsPosted(_store(keccak256(abi.encodePacked(hashes))), hashes);
    }
}
