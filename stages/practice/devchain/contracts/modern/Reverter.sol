// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Reverter as SilentReverter} from "../Reverter.sol";

/// @notice The same failures, where their data can be read.
contract Reverter is SilentReverter {
    function _attempt(bytes memory call) internal override returns (bytes memory data) {
        bool ok;
        (ok, data) = address(this).call{gas: BOUNDED_GAS}(call);
        assert(!ok);
    }
}
