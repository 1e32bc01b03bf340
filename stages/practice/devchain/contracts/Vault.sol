// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IMPLEMENTATION_SLOT} from "./Proxy.sol";

/// @notice Keeps ether for its depositors: what a Proxy stands before. One share is one wei.
contract Vault {
    mapping(address account => uint256) public shares; // slot 0
    uint256 public total; // slot 1

    event Deposited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, uint256 amount);
    event Upgraded(address indexed implementation);

    receive() external payable {
        deposit();
    }

    function deposit() public payable {
        shares[msg.sender] += msg.value;
        total += msg.value;
        emit Deposited(msg.sender, msg.value);
    }

    function withdraw(uint256 amount) external {
        require(shares[msg.sender] >= amount, "Vault: shares too low");
        shares[msg.sender] -= amount;
        total -= amount;
        emit Withdrawn(msg.sender, amount);
        (bool ok,) = msg.sender.call{value: amount}("");
        require(ok, "Vault: ether refused");
    }

    /// @notice Replaces the implementation of the proxy that delegates here. On a practice chain anybody may.
    function upgradeTo(address implementation) external {
        require(implementation.code.length > 0, "Vault: no code");
        assembly {
            sstore(IMPLEMENTATION_SLOT, implementation)
        }
        emit Upgraded(implementation);
    }
}
