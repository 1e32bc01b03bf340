// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @notice Moves ether on: to many at once, or along a chain of hops.
contract Splitter {
    receive() external payable {}

    /// @notice Sends equal parts. What is left of the division stays here.
    function split(address payable[] calldata to) external payable {
        uint256 part = msg.value / to.length;
        for (uint256 i = 0; i < to.length; i++) _send(to[i], part);
    }

    /// @notice Passes everything to the first hop, which passes it on if it is a Splitter and not the last.
    /// @dev A hop with code that is not the last has to be a Splitter; one without code ends the chain.
    function relay(address payable[] calldata hops) external payable {
        if (hops.length > 1 && hops[0].code.length > 0) {
            Splitter(hops[0]).relay{value: msg.value}(hops[1:]);
        } else if (hops.length > 0) {
            _send(hops[0], msg.value);
        }
    }

    function _send(address payable to, uint256 amount) private {
        (bool ok,) = to.call{value: amount}("");
        require(ok, "Splitter: ether refused");
    }
}
