// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice A small contract that factories deploy in numbers.
contract Child {
    uint256 public seed; // slot 0

    event Touched(uint256 seed);

    constructor(uint256 seed_) {
        seed = seed_;
    }

    function touch() external {
        seed = uint256(keccak256(abi.encode(seed, block.number)));
        emit Touched(seed);
    }
}

/// @notice Deploys children with CREATE.
contract Factory {
    event Created(address indexed child);

    function create(uint256 seed) external returns (address child) {
        child = address(new Child(seed));
        emit Created(child);
    }
}
