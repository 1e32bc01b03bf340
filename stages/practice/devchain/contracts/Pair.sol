// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Erc20Token, IErc20} from "./Erc20.sol";

/// @notice A pool of two tokens that keeps the product of its reserves, for a fee of 0.3 %. It is also the token of
/// its own shares. Callers send tokens first and call then; the pool compares its balances with its reserves.
contract Pair is Erc20Token {
    string public constant name = "Pool share";
    string public constant symbol = "POOL";
    uint8 public constant decimals = 18;

    /// @dev Shares that the first deposit leaves behind for good, so that a share cannot be made arbitrarily dear.
    uint256 public constant LOCKED_SHARES = 1000;

    IErc20 public token0; // slot 3
    IErc20 public token1; // slot 4

    // Slot 5, from the low end: reserve0 (112 bits), reserve1 (112 bits), time of the last change (32 bits).
    uint112 private reserve0;
    uint112 private reserve1;
    uint32 private changedAt;

    // Sums over time of the price at the start of each block, as 112.112 fixed-point numbers that wrap around.
    uint256 public price0Cumulative; // slot 6
    uint256 public price1Cumulative; // slot 7

    uint256 private entered = 1; // slot 8; 2 while a call is inside

    event Mint(address indexed sender, uint256 amount0, uint256 amount1);
    event Burn(address indexed sender, uint256 amount0, uint256 amount1, address indexed to);
    event Swap(
        address indexed sender,
        uint256 amount0In,
        uint256 amount1In,
        uint256 amount0Out,
        uint256 amount1Out,
        address indexed to
    );
    event Sync(uint112 reserve0, uint112 reserve1);

    modifier once() {
        require(entered == 1, "Pair: entered");
        entered = 2;
        _;
        entered = 1;
    }

    constructor(IErc20 token0_, IErc20 token1_) {
        token0 = token0_;
        token1 = token1_;
    }

    function getReserves() public view returns (uint112, uint112, uint32) {
        return (reserve0, reserve1, changedAt);
    }

    /// @notice Gives shares for what was sent above the reserves.
    function mint(address to) external once returns (uint256 shares) {
        (uint256 held0, uint256 held1) = _holdings();
        (uint112 before0, uint112 before1,) = getReserves();
        uint256 amount0 = held0 - before0;
        uint256 amount1 = held1 - before1;

        uint256 supply = totalSupply;
        if (supply == 0) {
            shares = _sqrt(amount0 * amount1);
            require(shares > LOCKED_SHARES, "Pair: first deposit too small");
            shares -= LOCKED_SHARES;
            _create(address(0), LOCKED_SHARES);
        } else {
            shares = _min(amount0 * supply / before0, amount1 * supply / before1);
            require(shares > 0, "Pair: deposit too small");
        }
        _create(to, shares);
        _sync(held0, held1);
        emit Mint(msg.sender, amount0, amount1);
    }

    /// @notice Destroys the shares that were sent to the pool and pays their part of both reserves.
    function burn(address to) external once returns (uint256 amount0, uint256 amount1) {
        (uint256 held0, uint256 held1) = _holdings();
        uint256 shares = balanceOf[address(this)];
        uint256 supply = totalSupply;
        amount0 = shares * held0 / supply;
        amount1 = shares * held1 / supply;
        require(amount0 > 0 && amount1 > 0, "Pair: too few shares");

        _destroy(address(this), shares);
        _pay(token0, to, amount0);
        _pay(token1, to, amount1);
        _sync(held0 - amount0, held1 - amount1);
        emit Burn(msg.sender, amount0, amount1, to);
    }

    /// @notice Pays what is asked for if enough of the other token was sent.
    /// @dev The last argument belongs to the usual signature; this pool never calls back.
    function swap(uint256 amount0Out, uint256 amount1Out, address to, bytes calldata) external once {
        require(amount0Out > 0 || amount1Out > 0, "Pair: nothing asked for");
        (uint112 before0, uint112 before1,) = getReserves();
        require(amount0Out < before0 && amount1Out < before1, "Pair: reserve too low");

        if (amount0Out > 0) _pay(token0, to, amount0Out);
        if (amount1Out > 0) _pay(token1, to, amount1Out);

        (uint256 held0, uint256 held1) = _holdings();
        uint256 amount0In = held0 - (before0 - amount0Out);
        uint256 amount1In = held1 - (before1 - amount1Out);
        require(
            (held0 * 1000 - amount0In * 3) * (held1 * 1000 - amount1In * 3) >= uint256(before0) * before1 * 1e6,
            "Pair: paid too little"
        );
        _sync(held0, held1);
        emit Swap(msg.sender, amount0In, amount1In, amount0Out, amount1Out, to);
    }

    function _holdings() private view returns (uint256, uint256) {
        return (token0.balanceOf(address(this)), token1.balanceOf(address(this)));
    }

    function _pay(IErc20 token, address to, uint256 amount) private {
        require(token.transfer(to, amount), "Pair: transfer refused");
    }

    function _sync(uint256 held0, uint256 held1) private {
        require(held0 <= type(uint112).max && held1 <= type(uint112).max, "Pair: reserve too high");
        (uint112 before0, uint112 before1, uint32 before) = getReserves();
        uint32 time = uint32(block.timestamp);
        unchecked {
            uint32 elapsed = time - before;
            if (elapsed > 0 && before0 > 0 && before1 > 0) {
                price0Cumulative += (uint256(before1) << 112) / before0 * elapsed;
                price1Cumulative += (uint256(before0) << 112) / before1 * elapsed;
            }
        }
        (reserve0, reserve1, changedAt) = (uint112(held0), uint112(held1), time);
        emit Sync(uint112(held0), uint112(held1));
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    /// @dev Newton's method from above: the steps fall until they reach the root, rounded down.
    function _sqrt(uint256 value) private pure returns (uint256 root) {
        root = value;
        uint256 next = value / 2 + value % 2;
        while (next < root) {
            root = next;
            next = (value / root + root) / 2;
        }
    }
}
