// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IErc20} from "./Erc20.sol";
import {Pair} from "./Pair.sol";
import {PairFactory} from "./PairFactory.sol";

/// @notice What users call: moves their tokens into pools and swaps along a path of pools.
contract Router {
    PairFactory public factory; // slot 0

    constructor(PairFactory factory_) {
        factory = factory_;
    }

    /// @notice Deposits both amounts in full (no matter the price), after creating the pool if there is none.
    function addLiquidity(address tokenA, address tokenB, uint256 amountA, uint256 amountB, address to)
        external
        returns (uint256 shares)
    {
        address pair = factory.getPair(tokenA, tokenB);
        if (pair == address(0)) pair = factory.createPair(tokenA, tokenB);
        _collect(tokenA, pair, amountA);
        _collect(tokenB, pair, amountB);
        return Pair(pair).mint(to);
    }

    /// @param path The tokens, from the one paid to the one received; each two neighbours need a pool.
    function swapExactTokensForTokens(
        uint256 amountIn,
        uint256 amountOutMin,
        address[] calldata path,
        address to,
        uint256 deadline
    ) external returns (uint256[] memory amounts) {
        require(block.timestamp <= deadline, "Router: too late");
        amounts = getAmountsOut(amountIn, path);
        require(amounts[path.length - 1] >= amountOutMin, "Router: too little out");

        Pair pair = _pairOf(path[0], path[1]);
        _collect(path[0], address(pair), amountIn);
        for (uint256 i = 1; i < path.length; i++) {
            bool last = i == path.length - 1;
            Pair next = last ? Pair(to) : _pairOf(path[i], path[i + 1]);
            (uint256 out0, uint256 out1) = path[i - 1] < path[i] ? (uint256(0), amounts[i]) : (amounts[i], 0);
            pair.swap(out0, out1, address(next), "");
            pair = next;
        }
    }

    /// @return amounts What a swap of `amountIn` along `path` holds at each token.
    function getAmountsOut(uint256 amountIn, address[] calldata path)
        public
        view
        returns (uint256[] memory amounts)
    {
        require(path.length > 1, "Router: path too short");
        amounts = new uint256[](path.length);
        amounts[0] = amountIn;
        for (uint256 i = 1; i < path.length; i++) {
            (uint112 reserve0, uint112 reserve1,) = _pairOf(path[i - 1], path[i]).getReserves();
            (uint256 reserveIn, uint256 reserveOut) =
                path[i - 1] < path[i] ? (reserve0, reserve1) : (reserve1, reserve0);
            require(reserveIn > 0 && reserveOut > 0, "Router: empty pool");
            uint256 afterFee = amounts[i - 1] * 997;
            amounts[i] = afterFee * reserveOut / (reserveIn * 1000 + afterFee);
        }
    }

    function _pairOf(address tokenA, address tokenB) private view returns (Pair pair) {
        pair = Pair(factory.getPair(tokenA, tokenB));
        require(address(pair) != address(0), "Router: no pool");
    }

    function _collect(address token, address pair, uint256 amount) private {
        require(IErc20(token).transferFrom(msg.sender, pair, amount), "Router: transfer refused");
    }
}
