// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Child} from "../Factory.sol";
import {Mortal} from "../Mortal.sol";

/// @notice Deploys at addresses that depend on a salt instead of a nonce.
contract Create2Factory {
    event Deployed(address indexed child, bytes32 indexed salt);

    function deploy(bytes32 salt, uint256 seed) external returns (address child) {
        child = address(new Child{salt: salt}(seed));
        emit Deployed(child, salt);
    }

    /// @notice Deploys a contract that is gone when the transaction ends: its ether moves to the beneficiary, and the
    /// same salt can be used again.
    function deployAndDestroy(bytes32 salt, address beneficiary) external payable returns (address child) {
        Mortal mortal = new Mortal{salt: salt, value: msg.value}();
        child = address(mortal);
        emit Deployed(child, salt);
        mortal.destroy(payable(beneficiary));
    }
}
