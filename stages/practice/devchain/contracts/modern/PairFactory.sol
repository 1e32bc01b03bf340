// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IErc20} from "../Erc20.sol";
import {Pair} from "../Pair.sol";
import {PairFactory as CreatePairFactory} from "../PairFactory.sol";

/// @notice The factory whose pools have addresses that can be computed beforehand: the CREATE2 salt is the hash of
/// both token addresses, the lower one first, 20 bytes each.
contract PairFactory is CreatePairFactory {
    function _deploy(IErc20 token0, IErc20 token1) internal override returns (address) {
        bytes32 salt = keccak256(abi.encodePacked(token0, token1));
        return address(new Pair{salt: salt}(token0, token1));
    }
}
