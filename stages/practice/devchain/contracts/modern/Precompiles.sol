// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Precompiles as WordPrecompiles} from "../Precompiles.sol";

/// @notice The same probes with STATICCALL and the whole answer.
contract Precompiles is WordPrecompiles {
    function _ask(address precompile, bytes memory input, uint256 budget)
        internal
        view
        override
        returns (bool ok, bytes32 outputHash)
    {
        bytes memory output;
        (ok, output) = precompile.staticcall{gas: budget}(input);
        outputHash = keccak256(output);
    }
}
