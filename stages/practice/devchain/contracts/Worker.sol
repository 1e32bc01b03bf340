// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice Does a chosen amount of each kind of work, in the ordinary way: checked arithmetic, memory arrays, mappings.
contract Worker {
    /// @dev Reads and writes stay among this many cells, so that state stays bounded.
    uint256 private constant CELLS = 4096;

    mapping(uint256 cell => uint256) public cells; // slot 0
    uint256 public lastResult; // slot 1

    event Worked(uint256 indexed seed, uint256 value);

    function run(uint256 seed, uint256 loops, uint256 reads, uint256 writes, uint256 hashes, uint256 logs) external {
        uint256 value = _compute(seed, loops);
        value = _read(value, reads);
        _write(value, writes);
        value = _hash(value, hashes);
        for (uint256 i = 0; i < logs; i++) {
            value = _next(value);
            emit Worked(seed, value);
        }
        lastResult = value;
    }

    function _compute(uint256 value, uint256 loops) private pure returns (uint256) {
        uint256[] memory window = new uint256[](16);
        for (uint256 i = 0; i < loops; i++) {
            uint256 at = i % window.length;
            uint256 mixed = mulmod(value, window[at] | 1, type(uint128).max) ^ (value >> 7);
            if (mixed & 3 == 0) {
                mixed = mixed / 3 + (i << 5);
            } else if (mixed & 3 == 1) {
                mixed = (mixed ^ ~i) % type(uint192).max;
            }
            window[at] = mixed;
            value = uint256(uint128(value)) + window[(at + 7) % window.length] / 2;
        }
        return value;
    }

    function _read(uint256 value, uint256 reads) private view returns (uint256) {
        for (uint256 i = 0; i < reads; i++) value = _next(value) ^ cells[value % CELLS];
        return value;
    }

    function _write(uint256 value, uint256 writes) private {
        for (uint256 i = 0; i < writes; i++) {
            value = _next(value);
            cells[value % CELLS] = value;
        }
    }

    function _hash(uint256 value, uint256 hashes) private pure returns (uint256) {
        for (uint256 i = 0; i < hashes; i++) value = uint256(keccak256(abi.encode(value, i)));
        return value;
    }

    /// @dev A step of xorshift, then a multiplication: cheap, and its low bits are good enough to pick cells.
    function _next(uint256 value) private pure returns (uint256) {
        unchecked {
            value ^= value >> 12;
            value ^= value << 25;
            value ^= value >> 27;
            return value * 0x2545f4914f6cdd1d + 1;
        }
    }
}
