// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @dev Where ERC-1967 keeps the implementation: keccak256("eip1967.proxy.implementation") - 1.
bytes32 constant IMPLEMENTATION_SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

/// @notice A proxy from before Byzantium: nobody knew how long an answer is, so it is always one word.
/// modern/Proxy.sol hands on the whole answer.
contract Proxy {
    event Upgraded(address indexed implementation);

    constructor(address implementation) {
        assembly {
            sstore(IMPLEMENTATION_SLOT, implementation)
        }
        emit Upgraded(implementation);
    }

    receive() external payable {
        _delegate();
    }

    fallback() external payable {
        _delegate();
    }

    function _delegate() private {
        assembly {
            calldatacopy(0, 0, calldatasize())
            // Before EIP-150 a call cannot ask for all gas: its own cost has to remain.
            let budget := sub(gas(), 2000)
            let ok := delegatecall(budget, sload(IMPLEMENTATION_SLOT), 0, calldatasize(), 0, 32)
            if iszero(ok) { invalid() }
            return(0, 32)
        }
    }
}
