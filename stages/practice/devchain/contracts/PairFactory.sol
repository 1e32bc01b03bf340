// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IErc20} from "./Erc20.sol";
import {Pair} from "./Pair.sol";

/// @notice Deploys at most one pool for two tokens. This one uses CREATE; modern/PairFactory.sol uses CREATE2.
contract PairFactory {
    mapping(address token => mapping(address other => address)) public getPair; // slot 0; holds both orders
    address[] public allPairs; // slot 1

    event PairCreated(address indexed token0, address indexed token1, address pair, uint256 count);

    function createPair(address tokenA, address tokenB) external returns (address pair) {
        require(tokenA != tokenB, "PairFactory: equal tokens");
        (address token0, address token1) = tokenA < tokenB ? (tokenA, tokenB) : (tokenB, tokenA);
        require(token0 != address(0), "PairFactory: zero token");
        require(getPair[token0][token1] == address(0), "PairFactory: pair exists");

        pair = _deploy(IErc20(token0), IErc20(token1));
        getPair[token0][token1] = pair;
        getPair[token1][token0] = pair;
        allPairs.push(pair);
        emit PairCreated(token0, token1, pair, allPairs.length);
    }

    function _deploy(IErc20 token0, IErc20 token1) internal virtual returns (address) {
        return address(new Pair(token0, token1));
    }
}
