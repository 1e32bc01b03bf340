// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @dev The decimal digits of `value`.
function decimal(uint256 value) pure returns (string memory) {
    uint256 digits = 1;
    for (uint256 rest = value / 10; rest != 0; rest /= 10) digits++;
    bytes memory text = new bytes(digits);
    while (digits != 0) {
        text[--digits] = bytes1(uint8(48 + value % 10));
        value /= 10;
    }
    return string(text);
}
