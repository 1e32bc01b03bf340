// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice A contract that anybody may destroy. From Cancun on it survives that, without its ether, unless the
/// transaction that destroys it is the one that created it.
contract Mortal {
    constructor() payable {}

    receive() external payable {}

    function destroy(address payable beneficiary) external {
        selfdestruct(beneficiary);
    }
}
