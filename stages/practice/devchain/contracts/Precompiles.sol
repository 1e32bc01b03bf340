// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice Calls precompiled contracts and keeps what they say. This one is for rules before Byzantium: it uses CALL
/// and sees the first word of an answer only. modern/Precompiles.sol sees all of it.
contract Precompiles {
    /// @dev Kept back for one probe's own work: a failing precompile takes all gas it is given.
    uint256 private constant RESERVED_GAS = 60_000;

    mapping(address precompile => bytes32) public outputHashes; // slot 0

    event Probed(address indexed precompile, bool ok, bytes32 outputHash);

    function probe(address precompile, bytes calldata input) external {
        _probe(precompile, input, 1);
    }

    /// @notice Probes one after the other; each may spend its share of the gas.
    function probeMany(address[] calldata precompiles, bytes[] calldata inputs) external {
        for (uint256 i = 0; i < precompiles.length; i++) {
            _probe(precompiles[i], inputs[i], precompiles.length - i);
        }
    }

    function _probe(address precompile, bytes calldata input, uint256 remaining) private {
        uint256 budget = gasleft() / remaining - RESERVED_GAS;
        (bool ok, bytes32 outputHash) = _ask(precompile, input, budget);
        outputHashes[precompile] = outputHash;
        emit Probed(precompile, ok, outputHash);
    }

    function _ask(address precompile, bytes memory input, uint256 budget)
        internal
        virtual
        returns (bool ok, bytes32 outputHash)
    {
        assembly {
            mstore(0, 0)
            ok := call(budget, precompile, 0, add(input, 32), mload(input), 0, 32)
            outputHash := keccak256(0, 32)
        }
    }
}
